package teams

import (
	"io"
	"net/http"
)

// Teams wants an app to name a page about itself, one on privacy and one of terms. Truce runs on the company's own machine, so the
// company's own rules hold; these pages say so, and say where the data lies.
const (
	aboutPage = `Truce for Microsoft Teams

Truce sits where Sales and Marketing already talk: objections from the field get the best approved answer at once, lead disputes
become small cases with a known date, and digests hold lead quality against what was really sold.

Write "help" to Truce in Teams to see all it can do. For support ask whoever runs Truce in your company.
`
	privacyPage = `Truce and privacy

This Truce runs on a machine of your own company; nothing is sent to its makers. It stores what you write to it, your name, your
e-mail address and your user id of Teams, and what became of the leads and cases you worked on. It cannot read messages that are
not written to it.

Write "truce my data" to Truce in Teams to see how to get or erase what it holds of you. Figures about a person are shown to that
person only.
`
	termsPage = `Terms of use

Truce is a tool of your own company, under your company's rules for its tools. There are no other terms.
`
)

func mountPages(mux *http.ServeMux) {
	for path, page := range map[string]string{"/teams/about": aboutPage, "/teams/privacy": privacyPage, "/teams/terms": termsPage} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			io.WriteString(w, page)
		})
	}
}
