package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"truce/bot/config"
)

// readyTimeout is how long a running Truce may take to say that it is ready.
const readyTimeout = 4 * time.Second

// checkReady asks the Truce that runs with this configuration whether it is ready: what a container's health check calls, where there
// is no other program to ask with. An error says what is not.
func (p *program) checkReady(cfg config.Config) error {
	host, port, err := net.SplitHostPort(cfg.HTTP.Listen)
	if err != nil || port == "0" {
		return usage(fmt.Errorf("http.listen is %q: a running Truce can be asked only at a port that is written there", cfg.HTTP.Listen))
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost" // it listens on all addresses, and this is one of them
	}
	address := net.JoinHostPort(host, port)
	ctx, cancel := context.WithTimeout(p.ctx, readyTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return usage(fmt.Errorf("http.listen %q: %w", cfg.HTTP.Listen, err))
	}
	direct := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // never through a proxy
	res, err := direct.Do(req)
	if err != nil {
		return fmt.Errorf("no Truce answers at %s: %w", address, err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("the Truce at %s broke off: %w", address, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the Truce at %s is not ready: %s", address, strings.ReplaceAll(strings.TrimSpace(string(said)), "\n", "; "))
	}
	_, err = fmt.Fprintf(p.stdout, "ready at %s\n", address)
	return err
}
