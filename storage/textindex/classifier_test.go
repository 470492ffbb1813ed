package textindex

import (
	"flag"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

var fit = flag.Bool("fit", false, "fit the calibration on the dev parts and held-out phrases, and print it")

// task is one thing to guess, with the corpus it is measured on.
type task struct {
	name, file string
	labels     []Label
	guess      func(string) Guesses
}

func tasks() []task {
	return []task{
		{"themes", "objections.tsv", DefaultThemes(), NewClassifier(DefaultSynonyms(), DefaultThemes()...).Guess},
		{"kinds", "notes.tsv", DefaultKinds(), NewKinds(DefaultSynonyms()).Guess},
	}
}

// interval is a share with its 95 % Wilson interval.
func interval(k, n int) string {
	if n == 0 {
		return "none"
	}
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return fmt.Sprintf("%.1f %% (%.1f to %.1f; %d of %d)", 100*p, 100*(mid-half), 100*(mid+half), k, n)
}

// figures counts how well sentences are guessed.
type figures struct{ n, top1, top3, strict, sure, sureRight int }

func measure(guess func(string) Guesses, set []sentence) figures {
	f := figures{n: len(set)}
	for _, s := range set {
		g := guess(s.Text)
		top := g.Top(3)
		right := len(top) > 0 && slices.Contains(s.Labels, top[0])
		if right {
			f.top1++
		}
		if len(top) > 0 && top[0] == s.Labels[0] {
			f.strict++
		}
		if slices.ContainsFunc(top, func(l string) bool { return slices.Contains(s.Labels, l) }) {
			f.top3++
		}
		if _, ok := g.Confident(Threshold); ok {
			f.sure++
			if right {
				f.sureRight++
			}
		}
	}
	return f
}

// What people confirm makes the guesses better: the dev part stands for the first hundred logged objections.
func TestLearningHelps(t *testing.T) {
	for _, k := range tasks() {
		c := NewClassifier(DefaultSynonyms(), k.labels...)
		test := corpus(t, k.file, "test")
		before := measure(c.Guess, test)
		dev := corpus(t, k.file, "dev")
		for i, s := range dev {
			c.Learn(Doc{fmt.Sprint(i), s.Text, s.Labels[0]})
		}
		after := measure(c.Guess, test)
		t.Logf("%s, by the classifier alone, before and after learning %d sentences: %v\n%v", k.name, len(dev), before, after)
		if after.top1 < before.top1 || float64(after.sureRight) < 0.9*float64(after.sure) {
			t.Errorf("%s: learning made it worse", k.name)
		}
	}
}

func (f figures) String() string {
	return fmt.Sprintf("n %d\n  top-1 %s, main label only %s\n  top-3 %s\n  confident guesses right %s, covering %s", f.n,
		interval(f.top1, f.n), interval(f.strict, f.n), interval(f.top3, f.n), interval(f.sureRight, f.sure), interval(f.sure, f.n))
}

func TestGuessesAreRightOftenEnoughAndKnowWhenNot(t *testing.T) {
	floors := map[string]struct{ top1, top3, sureRight, sure float64 }{
		"themes": {0.82, 0.93, 0.90, 0.50},
		"kinds":  {0.75, 0.90, 0.90, 0.45},
	}
	for _, k := range tasks() {
		test := corpus(t, k.file, "test")
		all := measure(k.guess, test)
		t.Logf("%s, test part: %v", k.name, all)
		for name, typo := range map[string]bool{"clean": false, "typos": true} {
			var part []sentence
			for _, s := range test {
				if s.Typo == typo {
					part = append(part, s)
				}
			}
			t.Logf("%s, %s: %v", k.name, name, measure(k.guess, part))
		}
		floor := floors[k.name]
		for _, c := range []struct {
			what  string
			k, n  int
			floor float64
		}{
			{"top-1", all.top1, all.n, floor.top1},
			{"top-3", all.top3, all.n, floor.top3},
			{"confident guesses right", all.sureRight, all.sure, floor.sureRight},
			{"coverage of confident guesses", all.sure, all.n, floor.sure},
		} {
			if float64(c.k) < c.floor*float64(c.n) {
				t.Errorf("%s: %s %s, want at least %.0f %%", k.name, c.what, interval(c.k, c.n), 100*c.floor)
			}
		}
	}
}

// runs returns all runs of n words in the built-in phrases.
func runs(n int) map[string]string {
	out := map[string]string{}
	for _, k := range tasks() {
		for _, l := range k.labels {
			for _, p := range l.Phrases {
				for ws := words(p); len(ws) >= n; ws = ws[1:] {
					out[strings.Join(ws[:n], " ")] = p
				}
			}
		}
	}
	return out
}

// echo returns the built-in phrase that shares n words in a row with a text, or "".
func echo(text string, n int, runs map[string]string) string {
	for ws := words(text); len(ws) >= n; ws = ws[1:] {
		if p := runs[strings.Join(ws[:n], " ")]; p != "" {
			return p
		}
	}
	return ""
}

// The built-in phrases and the corpus have one author. So no phrase may quote a test sentence, and the figures have to hold
// on those test sentences alone that have nothing in common with a phrase but single words and pairs.
func TestGuessesDoNotLiveOnQuotedSentences(t *testing.T) {
	three, four := runs(3), runs(4)
	for _, k := range tasks() {
		var fresh []sentence
		for _, s := range corpus(t, k.file, "test") {
			if p := echo(s.Text, 4, four); p != "" {
				t.Errorf("%s: %q shares four words in a row with the phrase %q", k.file, s.Text, p)
			}
			if echo(s.Text, 3, three) == "" {
				fresh = append(fresh, s)
			}
		}
		f := measure(k.guess, fresh)
		t.Logf("%s, test sentences without three words in a row of a phrase: %v", k.name, f)
		if float64(f.sureRight) < 0.9*float64(f.sure) || float64(f.top1) < 0.75*float64(f.n) {
			t.Errorf("%s: on sentences of their own words the guesses fall below the floors", k.name)
		}
	}
}

// heldOut yields classifiers that lack a fifth of the built-in phrases, with those phrases as sentences.
func heldOut(labels []Label, try func(c *Classifier, held []sentence)) {
	for fold := range 5 {
		var held []sentence
		var kept []Label
		for _, l := range labels {
			k := Label{ID: l.ID, Name: l.Name}
			for i, p := range l.Phrases {
				if i%5 != fold {
					k.Phrases = append(k.Phrases, p)
				} else if len(words(p)) >= 4 { // a single word held out is a word unknown
					held = append(held, sentence{Labels: []string{l.ID}, Text: p})
				}
			}
			kept = append(kept, k)
		}
		try(NewClassifier(DefaultSynonyms(), kept...), held)
	}
}

// TestCalibration measures, on what the calibration was fitted on, whether confidences mean what they say; -fit fits it anew.
func TestCalibration(t *testing.T) {
	type trial struct {
		e          [2]float64
		confidence float64
		right      bool
	}
	var trials []trial
	for _, k := range tasks() {
		note := func(c *Classifier, set []sentence) {
			for _, s := range set {
				g, p, known := c.rank(s.Text)
				right := slices.Contains(s.Labels, g[0].Label)
				trials = append(trials, trial{evidence(p, known), c.Guess(s.Text)[0].Confidence, right})
			}
		}
		note(NewClassifier(DefaultSynonyms(), k.labels...), corpus(t, k.file, "dev"))
		heldOut(k.labels, note)
	}
	for low := 0.0; low < 1; low += 0.2 {
		n, right, sum := 0, 0, 0.0
		for _, x := range trials {
			if x.confidence >= low && x.confidence < low+0.2 {
				n++
				sum += x.confidence
				if x.right {
					right++
				}
			}
		}
		if n == 0 {
			continue
		}
		said, is := sum/float64(n), float64(right)/float64(n)
		t.Logf("confidence %.1f to %.1f: says %.2f, is %s", low, low+0.2, said, interval(right, n))
		if slack := 0.05 + 2*math.Sqrt(is*(1-is)/float64(n)); math.Abs(said-is) > slack {
			t.Errorf("confidence %.1f to %.1f says %.2f but is %.2f (slack %.2f)", low, low+0.2, said, is, slack)
		}
	}
	if !*fit {
		return
	}
	var w [3]float64
	for range 20000 { // plain gradient descent: a curve of three numbers
		var slope [3]float64
		for _, x := range trials {
			d := 1 / (1 + math.Exp(-(w[0] + w[1]*x.e[0] + w[2]*x.e[1])))
			if x.right {
				d--
			}
			slope[0], slope[1], slope[2] = slope[0]+d, slope[1]+d*x.e[0], slope[2]+d*x.e[1]
		}
		for i := range w {
			w[i] -= 0.1 * slope[i] / float64(len(trials))
		}
	}
	t.Logf("base %.2f, share %.2f, known %.2f, fitted on %d", w[0], w[1], w[2], len(trials))
}

func TestClassifierLearnsAndForgets(t *testing.T) {
	texts := []string{"too slow for the morning shift", "quote is way too high", "is it validated on FFPE?", "zzz qqq", "keine Ahnung"}
	all := func(c *Classifier) (out []Guesses) {
		for _, s := range texts {
			out = append(out, c.Guess(s))
		}
		return out
	}
	c := NewClassifier(DefaultSynonyms(), DefaultThemes()...)
	before := all(c)

	t.Run("a corrected sentence is not guessed wrongly again", func(t *testing.T) {
		var wrong []sentence
		for _, s := range corpus(t, "objections.tsv", "dev") {
			if c.Guess(s.Text)[0].Label != s.Labels[0] {
				wrong = append(wrong, s)
			}
		}
		if len(wrong) == 0 {
			t.Fatal("nothing to correct")
		}
		for i, s := range wrong {
			c.Learn(Doc{fmt.Sprint("o", i), s.Text, s.Labels[0]})
			if g := c.Guess(s.Text); g[0].Label != s.Labels[0] {
				t.Errorf("%q: still %v, want %s", s.Text, g[:2], s.Labels[0])
			}
		}
		for i := range wrong {
			c.Forget(fmt.Sprint("o", i))
		}
	})
	t.Run("forgetting leaves no trace", func(t *testing.T) {
		c.Learn(Doc{"a", "kits arrived thawed again", "supply-delivery"}, Doc{"b", "color is ugly", "design"})
		c.Learn(Doc{"a", "kits arrived thawed again", "support-service"})
		c.Define(Label{"price", "Price", []string{"only this"}}, Label{"extra", "Extra", []string{"one", "two"}})
		c.Define(DefaultThemes()...)
		c.Retire("extra")
		c.Retire("design")
		c.Forget("a", "b", "unknown")
		if got := all(c); !reflect.DeepEqual(got, before) {
			t.Errorf("guesses differ after learning and forgetting:\n got %v\nwant %v", got, before)
		}
	})
	t.Run("the order of learning does not matter", func(t *testing.T) {
		labels := DefaultThemes()
		slices.Reverse(labels)
		if got := all(NewClassifier(DefaultSynonyms(), labels...)); !reflect.DeepEqual(got, before) {
			t.Errorf("guesses depend on the order of learning:\n got %v\nwant %v", got, before)
		}
	})
	t.Run("a new label is known from its examples", func(t *testing.T) {
		c.Learn(Doc{"g1", "the housing looks cheap and the color is ugly", "design"},
			Doc{"g2", "nobody wants that ugly box on the bench", "design"})
		if g := c.Guess("they find the color ugly"); g[0].Label != "design" {
			t.Errorf("got %v, want design", g[:2])
		}
		c.Retire("design")
	})
	t.Run("of unknown words nothing is claimed", func(t *testing.T) {
		for _, s := range []string{"", "   ", "!!!", "жизнь 東京", "qzx"} {
			if _, ok := c.Guess(s).Confident(Threshold); ok {
				t.Errorf("%q: confident: %v", s, c.Guess(s)[:2])
			}
		}
		if g := NewClassifier(nil).Guess("too expensive"); len(g) != 0 {
			t.Errorf("without labels: %v", g)
		}
		if _, ok := (Guesses)(nil).Confident(0); ok {
			t.Error("no guess is confident")
		}
	})
	t.Run("confidences are ranked shares", func(t *testing.T) {
		for _, s := range corpus(t, "objections.tsv", "test") {
			sum, last := 0.0, 1.0
			all := c.Guess(s.Text)
			for _, g := range all {
				sum += g.Confidence
				if g.Confidence < 0 || g.Confidence > last+1e-12 {
					t.Fatalf("%q: %v", s.Text, all)
				}
				last = g.Confidence
			}
			if sum > 1+1e-9 {
				t.Fatalf("%q: confidences add up to %v", s.Text, sum)
			}
		}
	})
}

func TestClassifierStaysBounded(t *testing.T) {
	c := NewClassifier(nil, Label{"a", "A", []string{"first phrase"}}, Label{"b", "B", []string{"other"}})
	for i := range maxExamples + 50 {
		c.Learn(Doc{fmt.Sprint(i), fmt.Sprintf("word%d here", i), "a"})
	}
	for i := range 3 * maxExamples {
		c.Learn(Doc{"same id", fmt.Sprintf("fresh%d thing", i), "b"})
	}
	if n := len(c.examples); n != maxExamples+2 {
		t.Errorf("%d examples kept, want %d", n, maxExamples+2)
	}
	if len(c.holders) > 2*c.known+1024 {
		t.Errorf("room for %d features kept, %d in use", len(c.holders), c.known)
	}
	if g := c.Guess("fresh5999 thing"); g[0].Label != "b" {
		t.Errorf("the newest example is not known: %v", g)
	}
}

func TestClassifierWhileLearning(t *testing.T) {
	c := NewClassifier(DefaultSynonyms(), DefaultKinds()...)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				id := fmt.Sprint(w, i)
				c.Learn(Doc{id, "the deal is stuck in legal again", "stuck"})
				if len(c.Guess("nothing moves since the demo")) < 9 {
					t.Error("a label is missing")
				}
				c.Forget(id)
			}
		})
	}
	wg.Wait()
}
