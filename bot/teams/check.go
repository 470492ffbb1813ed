package teams

import (
	"context"
	"errors"
	"fmt"
	"time"

	"truce/bot/chat"
)

// Check tries what Teams needs: the metadata with its keys, a token, and that the channels are known.
func (a *Adapter) Check(ctx context.Context, channels []chat.Place) []chat.Finding {
	if !a.cfg.Enabled() {
		return []chat.Finding{{OK: true, What: "teams", Detail: "switched off (teams.app_id is empty)"}}
	}
	var out []chat.Finding
	if set, err := fetchKeys(ctx, a.keys.client, a.keys.metadataURL); err != nil {
		out = append(out, chat.Finding{What: "teams: signing keys", Detail: err.Error(),
			Remedy: "Let this machine reach " + a.keys.metadataURL + " over https (proxy, firewall), or correct teams.openid_metadata_url."})
	} else {
		out = append(out, chat.Finding{OK: true, What: "teams: signing keys", Detail: fmt.Sprintf("%d keys", len(set.endorsements))})
	}
	if _, err := a.conn.tokens.get(ctx); err != nil {
		remedy := "Let this machine reach " + a.cfg.tokenURL() + " over https (proxy, firewall), or correct teams.token_url."
		var t *tokenError
		if errors.As(err, &t) && t.rejected() {
			remedy = credentialsRemedy(a.cfg)
		}
		out = append(out, chat.Finding{What: "teams: token", Detail: err.Error(), Remedy: remedy})
	} else {
		detail := "obtained"
		if proof := a.conn.tokens.proof; proof != nil {
			detail += " with the certificate, which expires on " + proof.ends.UTC().Format(time.DateOnly)
		}
		out = append(out, chat.Finding{OK: true, What: "teams: token", Detail: detail})
	}
	for _, p := range channels {
		if p.Network() != Network {
			continue
		}
		f := chat.Finding{OK: true, What: "teams: " + p.Name, Detail: "Truce has been heard from there"}
		if tenant, name, ok := splitID(p.ID); ok && tenant == "" {
			_, found, err := a.named(ctx, name)
			if err != nil || !found {
				if err == nil {
					err = errNoChannel(name)
				}
				out = append(out, chat.Finding{What: f.What, Detail: err.Error(), Remedy: remedyNamed(p)})
				continue
			}
			f.Detail = "found in a team that Truce was added to"
			out = append(out, f)
			continue
		}
		if _, found, err := recall[conversationRef](ctx, a.mem, conversationKey(p.ID)); err != nil || !found {
			f = chat.Finding{What: f.What, Detail: "nothing has been heard from there yet",
				Remedy: addToTeam(p) + " Then mention @Truce there once."}
		}
		out = append(out, f)
	}
	return out
}

// credentialsRemedy is what an admin does when Microsoft does not take what proves who we are.
func credentialsRemedy(c Config) string {
	if c.Certificate != "" {
		return "Check teams.app_id and teams.tenant_id, and that the certificate in teams.certificate is uploaded to the application and has " +
			"not expired."
	}
	return "Check teams.app_id and teams.tenant_id, and make a new client secret for teams.app_password: secrets expire."
}
