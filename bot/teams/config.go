package teams

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"truce"
)

// Config is the section "teams" of the configuration. An empty app_id switches Teams off: no route is mounted. There is no
// switch that turns the checking of requests off.
type Config struct {
	AppID       string       `yaml:"app_id"`       // the Azure bot's application (client) id, a GUID
	AppPassword truce.Secret `yaml:"app_password"` // a client secret of that application
	// a PEM file with a certificate of that application and its key, in place of the secret
	Certificate       string `yaml:"certificate"`
	TenantID          string `yaml:"tenant_id"`           // the directory (tenant) id; requests of other tenants are refused
	OpenIDMetadataURL string `yaml:"openid_metadata_url"` // "" is the public cloud's; government clouds have their own
	TokenURL          string `yaml:"token_url"`           // "" is the tenant's endpoint at login.microsoftonline.com
}

// The public cloud's addresses, from Microsoft's Bot Connector authentication documentation.
const (
	publicMetadata = "https://login.botframework.com/v1/.well-known/openidconfiguration"
	publicLogin    = "https://login.microsoftonline.com/"
)

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// Enabled reports whether Teams is switched on.
func (c Config) Enabled() bool { return c.AppID != "" }

// Validate finds everything wrong with the section, as *truce.Fault joined with errors.Join. A section that is switched off
// has no faults, unless it holds a secret without the id it belongs to.
func (c Config) Validate() error {
	var faults []error
	fault := func(key, text string) { faults = append(faults, &truce.Fault{Key: "teams." + key, Text: text}) }
	if !c.Enabled() {
		if c.AppPassword != "" || c.Certificate != "" {
			fault("app_id", "is empty although app_password or certificate is set: write the Application (client) ID of the Azure bot")
		}
		return errors.Join(faults...)
	}
	if !guid.MatchString(c.AppID) {
		fault("app_id", "must be the Application (client) ID of the Azure bot, like 8c2f1b1e-0000-4000-8000-1a2b3c4d5e6f")
	}
	switch {
	case c.Certificate != "" && c.AppPassword != "":
		fault("certificate", "and app_password are both set: keep one of them")
	case c.Certificate != "":
		if _, err := readCertificate(c.Certificate); err != nil {
			fault("certificate", "must be a PEM file with a certificate and its RSA key: "+err.Error())
		}
	case c.AppPassword == "":
		fault("app_password", "is missing: make a client secret under Certificates & secrets and write its value, best as "+
			"${TEAMS_APP_PASSWORD}; or name a certificate")
	}
	if !guid.MatchString(c.TenantID) {
		fault("tenant_id", "must be the Directory (tenant) ID, like 5d1f0c1e-0000-4000-8000-1a2b3c4d5e6f")
	}
	for key, address := range map[string]string{"openid_metadata_url": c.OpenIDMetadataURL, "token_url": c.TokenURL} {
		if address != "" && !safeURL(address) {
			fault(key, "must be an https address, or empty for Microsoft's public cloud")
		}
	}
	return errors.Join(faults...)
}

func (c Config) metadataURL() string {
	if c.OpenIDMetadataURL != "" {
		return c.OpenIDMetadataURL
	}
	return publicMetadata
}

func (c Config) tokenURL() string {
	if c.TokenURL != "" {
		return c.TokenURL
	}
	return publicLogin + url.PathEscape(c.TenantID) + "/oauth2/v2.0/token"
}

// cloud is what differs between Microsoft's clouds besides the two configured addresses.
type cloud struct {
	issuer string // of the tokens that come in
	scope  string // of the tokens we ask for
}

// cloud is told by where the metadata document lies (hosts from Microsoft's cloud-environment of the Teams SDK).
func (c Config) cloud() cloud {
	host := "api.botframework.com"
	if u, err := url.Parse(c.metadataURL()); err == nil {
		switch {
		case strings.HasSuffix(u.Hostname(), ".azure.us"):
			host = "api.botframework.us"
		case strings.HasSuffix(u.Hostname(), ".azure.cn"):
			host = "api.botframework.azure.cn"
		}
	}
	return cloud{issuer: "https://" + host, scope: "https://" + host + "/.default"}
}

// safeURL reports whether address may be talked to: https, or http on this machine (tests, the Agents Playground).
func safeURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	switch u.Scheme {
	case "https":
		return true
	case "http":
		return u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	default:
		return false
	}
}
