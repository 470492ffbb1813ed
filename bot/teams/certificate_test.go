package teams_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/teams"
	"truce/bot/teams/teamsfake"
)

// certified writes a certificate with its key into a PEM file.
func certified(t *testing.T, ends time.Time, key any) (file string, leaf *x509.Certificate) {
	t.Helper()
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "truce"}, NotBefore: ends.AddDate(-1, 0, 0),
		NotAfter: ends}
	var public any
	switch k := key.(type) {
	case *rsa.PrivateKey:
		public = &k.PublicKey
	case *ecdsa.PrivateKey:
		public = &k.PublicKey
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, public, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if leaf, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "truce.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file, leaf
}

// TestACertificateInPlaceOfASecret sends with a client assertion, which the token endpoint checks, and says when the certificate
// has expired.
func TestACertificateInPlaceOfASecret(t *testing.T) {
	w := newWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	file, leaf := certified(t, w.clock().AddDate(0, 1, 0), key)
	w.fake.Trust(leaf)
	w.proof = file
	w.start()
	if _, err := w.adapter.Send(context.Background(), w.toAnna(chat.Card{Summary: "hello"})); err != nil {
		t.Fatalf("with the certificate: %v", err)
	}
	if err := w.adapter.Ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
	found := false
	for _, f := range w.adapter.Check(context.Background(), nil) {
		found = found || f.OK && strings.Contains(f.Detail, "which expires on 2026-12-23")
	}
	if !found {
		t.Error("the check does not say when the certificate expires")
	}
	w.pass(40 * 24 * time.Hour)
	if _, err := w.adapter.Send(context.Background(), w.toAnna(chat.Card{Summary: "hello"})); err == nil ||
		!strings.Contains(err.Error(), "expired on 2026-12-23") {
		t.Errorf("with an expired certificate: %v", err)
	}

	other, _ := certified(t, w.clock().AddDate(1, 0, 0), key)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, _ := certified(t, w.clock().AddDate(1, 0, 0), curve)
	for _, c := range []struct {
		name   string
		change func(*teams.Config)
		says   string
	}{
		{"both", func(c *teams.Config) { c.Certificate = other }, "both set"},
		{"no such file", func(c *teams.Config) { c.AppPassword, c.Certificate = "", file+"x" }, "no such file"},
		{"no RSA key", func(c *teams.Config) { c.AppPassword, c.Certificate = "", ec }, "no RSA key"},
		{"neither", func(c *teams.Config) { c.AppPassword = "" }, "name a certificate"},
		{"alone", func(c *teams.Config) { c.AppPassword, c.Certificate = "", other }, ""},
	} {
		cfg := teams.Config{AppID: teamsfake.AppID, AppPassword: truce.Secret("x"), TenantID: teamsfake.Tenant}
		c.change(&cfg)
		if err := cfg.Validate(); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want ... %s ...", c.name, err, c.says)
		}
	}
}

// TestRefusedCredentialsAreNotReady holds that an expired secret makes the adapter not ready until it is taken again.
func TestRefusedCredentialsAreNotReady(t *testing.T) {
	w := newWorld(t)
	out := w.toAnna(chat.Card{Summary: "hello"})
	w.fake.FailToken(&teamsfake.Fault{Status: 401,
		Body: `{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys for app are expired."}`})
	var err error
	for range 5 { // a token that was on its way counts from when it comes
		w.pass(48 * time.Hour) // the token has run out
		if _, err = w.adapter.Send(context.Background(), out); err != nil {
			break
		}
	}
	if chat.TroubleOf(err) != chat.Unauthorized {
		t.Fatalf("sent: %v", err)
	}
	if err := w.adapter.Ready(); err == nil || !strings.Contains(err.Error(), "AADSTS7000222") {
		t.Errorf("ready with an expired secret: %v", err)
	}
	w.fake.FailToken(&teamsfake.Fault{Status: 503, Body: `{}`}) // which says nothing of the secret
	w.adapter.Send(context.Background(), out)
	if err := w.adapter.Ready(); err == nil {
		t.Error("an outage makes it ready")
	}
	w.fake.FailToken(nil)
	if _, err := w.adapter.Send(context.Background(), out); err != nil {
		t.Fatal(err)
	}
	if err := w.adapter.Ready(); err != nil {
		t.Errorf("not ready with a new secret: %v", err)
	}
}

// TestARefusedCardIsFollowedByAPlainOne holds that nothing is lost where Teams does not take a card: first its text and buttons, then text.
func TestARefusedCardIsFollowedByAPlainOne(t *testing.T) {
	card := chat.Card{Summary: "Numbers", Title: chat.T("Numbers"),
		Blocks: []chat.Block{chat.Para("Northfield Labs won."),
			chat.TableBlock(chat.Table{Columns: []chat.Column{{Title: "Lead"}}, Rows: [][]chat.Cell{{{Text: "L-1"}}}}),
			chat.ButtonRow(chat.Press("Show L-1", "lead.show", "L-1"))}}
	tooBig := teamsfake.Fault{Status: 413, Body: `{"error":{"code":"MessageSizeTooBig","message":"Message size too large."}}`}
	bad := teamsfake.Fault{Status: 400, Body: `{"error":{"code":"BadRequest","message":"Failed to decrypt the card."}}`}
	for _, c := range []struct {
		name   string
		faults []teamsfake.Fault
		has    []string
		not    []string
	}{
		{"too big", []teamsfake.Fault{tooBig}, []string{"AdaptiveCard", "Northfield Labs won.", "L-1", "Show L-1"}, []string{`"Table"`}},
		{"bad", []teamsfake.Fault{bad}, []string{"AdaptiveCard", "Northfield Labs won."}, []string{`"Table"`}},
		{"the plain one too", []teamsfake.Fault{bad, tooBig}, []string{"Northfield Labs won.", `"textFormat":"plain"`}, []string{"AdaptiveCard"}},
	} {
		w := newWorld(t)
		out := w.toAnna(card)
		if _, err := w.adapter.Send(context.Background(), out); err != nil {
			t.Fatal(err)
		}
		w.fake.Fail(c.faults...)
		ref, err := w.adapter.Send(context.Background(), out)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		all := w.fake.Messages("")
		said := text(all[len(all)-1].Activity)
		for _, s := range c.has {
			if !strings.Contains(said, s) {
				t.Errorf("%s: lacks %s: %s", c.name, s, said)
			}
		}
		for _, s := range c.not {
			if strings.Contains(said, s) {
				t.Errorf("%s: has %s: %s", c.name, s, said)
			}
		}
		if ref.ID == "" {
			t.Errorf("%s: no reference", c.name)
		}
	}
	w := newWorld(t)
	out := w.toAnna(card)
	if _, err := w.adapter.Send(context.Background(), out); err != nil {
		t.Fatal(err)
	}
	w.fake.Fail(bad, bad, bad)
	if _, err := w.adapter.Send(context.Background(), out); chat.TroubleOf(err) != chat.Unreachable {
		t.Errorf("refused to the end: %v", err)
	}
}

// TestAChannelThatIsGoneIsSaid holds that an admin can be told what to do about it.
func TestAChannelThatIsGoneIsSaid(t *testing.T) {
	for _, fault := range []teamsfake.Fault{
		{Status: 404, Body: `{"error":{"code":"ConversationNotFound","message":"Conversation not found."}}`},
		{Status: 403, Body: `{"error":{"code":"ChannelDeleted","message":"The channel was deleted."}}`},
	} {
		w := newWorld(t)
		w.toAnna(chat.Card{})
		w.fake.Fail(fault)
		_, err := w.adapter.Send(context.Background(), chat.Outgoing{Key: "k",
			To: chat.Place{ID: tenantPrefix + channel, Kind: chat.Channel, Name: "lead-disputes"}, Card: chat.Card{Summary: "news"}})
		se, _ := err.(*chat.SendError)
		if se == nil || se.Trouble != chat.Gone || !strings.Contains(se.Remedy, "Choose another channel: lead-disputes") {
			t.Errorf("%d: %+v", fault.Status, err)
		}
	}
}
