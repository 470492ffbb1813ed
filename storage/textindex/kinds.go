// The kinds of notes and direct messages: the classifier, and a rule for what only its form gives away.
package textindex

import (
	"slices"
	"strings"
)

// Question is the id of the kind that asks Truce or colleagues something. An objection may hold a question mark too, as what
// the buyer asked; the rule looks for questions of one's own side.
const Question = "question"

// questionConfidence is the confidence of a text that has the form of a question of one's own side.
const questionConfidence = 0.9

// Kinds guesses the kind of a note: a Classifier of the built-in kinds that also knows questions by their form.
type Kinds struct{ *Classifier }

// NewKinds returns the kinds of notes as DefaultKinds has them, with groups of synonyms.
func NewKinds(synonyms [][]string) Kinds { return Kinds{NewClassifier(synonyms, DefaultKinds()...)} }

// Guess ranks the kinds of a note.
func (k Kinds) Guess(text string) Guesses {
	g := k.Classifier.Guess(text)
	i := slices.IndexFunc(g, func(x Guess) bool { return x.Label == Question })
	if i < 0 || !IsQuestion(text) {
		return g
	}
	asked := Guess{Question, max(g[i].Confidence, questionConfidence)}
	left := 1 - g[i].Confidence
	g = slices.Insert(slices.Delete(g, i, i+1), 0, asked)
	for j := range g[1:] {
		if left > 0 {
			g[j+1].Confidence *= (1 - asked.Confidence) / left
		}
	}
	return g
}

// IsQuestion says whether a text, by its form, asks Truce or colleagues something: it opens like a question of one's own
// side ("what do I say when", "do we have"), or it ends with a question mark and speaks of us.
func IsQuestion(text string) bool {
	ws := words(text)
	if len(ws) < 3 {
		return false
	}
	for len(ws) > 3 && slices.Contains([]string{"hi", "hey", "hello", "help", "please", "and", "so", "question", "truce"}, ws[0]) {
		ws = ws[1:]
	}
	opening := strings.Join(ws[:min(len(ws), 4)], " ") + " "
	for _, o := range questionOpenings {
		if strings.HasPrefix(opening, o+" ") {
			return true
		}
	}
	// A mark inside closing quotes belongs to what a buyer asked.
	return strings.HasSuffix(strings.TrimSpace(text), "?") && slices.ContainsFunc(ws, func(w string) bool {
		return slices.Contains([]string{"we", "us", "our", "ours", "i", "me", "my", "anyone", "anybody"}, w)
	})
}

// questionOpenings are the first words of questions of one's own side. "Where is" and "is it" are not among them: buyers ask
// where the data is hosted.
var questionOpenings = []string{
	"what do i", "what do we", "what should i", "what should we", "what can i", "what can we", "what would you say",
	"what is our", "whats our", "what is the best", "whats the best", "what works",
	"how do i", "how do we", "how do you", "how should i", "how should we", "how can i", "how can we", "how would you",
	"do we", "does our", "do our", "did we", "can we", "can i", "could we", "may we", "may i", "are we", "is our", "have we", "should we",
	"should i", "who can", "who knows", "who has", "where do i", "where can i", "where do we", "when do we", "when can we", "why do we",
	"anyone", "anybody", "does anyone", "does anybody", "has anyone", "has anybody", "is there a", "is there any", "are there any",
	"tell me what", "tell me how", "do you know", "do you have",
}
