package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/config"
	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file is the address to which other systems post leads and what became of them; docs/hooks.md tells how.

const (
	maxHookBody   = 1 << 20 // bytes
	maxHookKey    = 200     // bytes of an Idempotency-Key
	hookReadLimit = 30 * time.Second
)

// hooks takes in what other systems post.
type hooks struct {
	store *storage.Store
	token [sha256.Size]byte // its digest: compared in constant time whatever the lengths
	loc   *time.Location
	log   *slog.Logger
}

// mountHooks serves POST /hooks/KIND; without a token there is no such address.
func (a *app) mountHooks(cfg config.Hooks, loc *time.Location) {
	if cfg.Token == "" {
		return
	}
	a.mux.Handle("POST /hooks/{kind}", &hooks{a.store, sha256.Sum256([]byte(cfg.Token)), loc, a.log.With("part", "hooks")})
}

// hookError is the body of every answer but 200.
type hookError struct {
	Error string            `json:"error"`
	Items intake.ItemFaults `json:"items,omitempty"`
}

func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, answer := h.take(w, r)
	h.log.Info("hook", "kind", r.PathValue("kind"), "status", status)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer) // who does not wait for the answer asks again
}

func (h *hooks) take(w http.ResponseWriter, r *http.Request) (status int, answer any) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	shown := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(shown[:], h.token[:]) != 1 || !strings.EqualFold(scheme, "Bearer") { // RFC 9110, 11.1: a scheme has no case
		w.Header().Set("WWW-Authenticate", "Bearer")
		return http.StatusUnauthorized, hookError{Error: "Send the header Authorization: Bearer TOKEN with the token of hooks.token."}
	}
	kind := sheet.Kind(r.PathValue("kind"))
	if !slices.Contains(intake.HookKinds(), kind) {
		return http.StatusNotFound, hookError{Error: "There are /hooks/leads, /hooks/outcomes, /hooks/deals, /hooks/touches and /hooks/costs."}
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > maxHookKey {
		return http.StatusBadRequest, hookError{Error: "An Idempotency-Key has at most 200 characters."}
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(hookReadLimit)) // a real wait for a real network
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHookBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, hookError{Error: "A request holds at most 1 MiB; send the rest in a further one, or import a " +
			"file."}
	case err != nil:
		return http.StatusBadRequest, hookError{Error: "The body did not arrive."}
	}
	maps, err := sheet.ParsePairs(r.URL.Query().Get("map"))
	if err != nil {
		return http.StatusBadRequest, hookError{Error: "The map in the address cannot be read: it is field=where.it.stands,field=where (" +
			strings.TrimSuffix(truce.Sentence(err), ".") + ")."}
	}
	got, err := intake.Receive(r.Context(), h.store, kind, body, key, h.loc, maps...)
	var faults intake.ItemFaults
	switch {
	case err == nil:
		return http.StatusOK, got
	case errors.As(err, &faults):
		return http.StatusUnprocessableEntity, hookError{"Nothing was stored: mend the items named here and send all again.", faults}
	case errors.Is(err, intake.ErrOtherBody):
		return http.StatusConflict, hookError{Error: err.Error()}
	case truce.KindOf(err) == truce.Invalid:
		return http.StatusBadRequest, hookError{Error: truce.Sentence(err)}
	}
	h.log.Error("hook", "kind", kind, "error", err)
	return http.StatusInternalServerError, hookError{Error: "Something went wrong here; nothing was stored. Send it again."}
}
