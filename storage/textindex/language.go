// Whether a text is in a language that the examples speak: where it is not, its few known words say too little to decide by.
package textindex

import "strings"

// functionWords are the small words of German, French and Spanish that are no English ones. They tell the language of a text apart and
// say nothing about what it is about. As fold writes them.
var functionWords = wordSet(`
der das den dem des ein eine einen einem einer eines und oder aber nicht kein keine keinen keiner ist sind war waren hat haben wird werden wurde kann konnen muss mussen
soll sollen will wollen darf durfen ich du er sie es wir ihr ihnen ihm ihn uns unser unsere euer mein dein sein seine ihre ihren ihrem fur von mit bei zu zum zur nach aus auf
uber unter vor bis seit durch gegen ohne um im am ins beim vom als wie wenn dass weil schon noch erst nur sehr viel mehr zu dieses dieser diese diesem da hier dort auch
jede jeder jetzt gerade damit daran sagt sagen alle etwas nichts niemand immer
le la les un une du de des et ou mais ne pas est sont etait ont il elle ils elles nous vous je tu leur leurs lui se sa ses son notre nos votre vos ma mes ce cet cette ces
pour par avec sans sur sous dans en au aux chez qui que quoi dont ou tres trop plus moins deja encore jamais toujours rien tout tous toute toutes avant apres apres y cest nest
pas quil quils quelle
el los las una unos unas y o pero es son esta estan era tiene tienen hay ha han lo le les su sus nuestro nuestra nuestros mi tu ellos ellas nosotros para por con sin sobre en
al del que quien cuando como muy mas menos ya todavia nunca siempre nada todo todos todas antes despues hasta desde este esta estos esto ese eso se nos ahora demasiado nadie
`)

// englishToo are words of the list that English texts hold as well.
var englishToo = wordSet(`a an in so me no on die was war will hat all also am as her his them den des son lone are man fast gift do has me tu im en de la du or es`)

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// foreign reports a text with more small words of another language than of English.
func (a *analyzer) foreign(all []string) bool {
	other, english := 0, 0
	for _, w := range all {
		switch {
		case functionWords[w] && !englishToo[w]:
			other++
		case a.stop[w] && !functionWords[w]:
			english++
		}
	}
	return other > english
}

// enoughKnown is the share of a foreign text's words that must stand in examples before a guess at it may be taken without asking.
const enoughKnown = 0.6

// readable reports whether enough of a text is known to decide by: a word of two letters at least, and of a text in another language most
// words, as is so once a company's people have confirmed texts in it.
func (c *Classifier) readable(text string) bool {
	all := words(text)
	foreign := c.an.foreign(all)
	known, said := 0, 0
	for _, w := range all {
		if len(w) < 2 || foreign && (functionWords[w] || c.an.stop[w]) {
			continue
		}
		said++
		if n, ok := c.numbers[wordMark+c.an.stem(w)]; ok && c.holders[n] > 0 {
			known++
		}
	}
	if !foreign {
		return said > 0
	}
	return float64(known) >= enoughKnown*float64(said) && known > 0
}

// Readable reports whether enough of a text is known to offer a guess at it. Safe for concurrent use.
func (c *Classifier) Readable(text string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.readable(text)
}

// unsure lowers confidences so that the caller asks; what is the likeliest stays so.
func unsure(g Guesses) {
	most := g[0].Confidence
	for i := range g {
		if most > 0 {
			g[i].Confidence *= min(1, askedAt/most)
		}
	}
}

// askedAt is how sure a guess may be at most that is to be asked about.
const askedAt = Threshold - 0.1
