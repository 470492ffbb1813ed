package cards

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"truce"
	"truce/bot/chat"
)

// What can be looked at as one person may see it: chat.Own.Name.
const (
	OwnDispute = "dispute"
)

// own tells who sees another card than the one that is posted: those who may act first, then those who may not and so get no
// buttons. It is nil where nobody may act.
func own(name, id string, readers []truce.Person, may func(truce.Person) bool) *chat.Own {
	var acting, looking []string
	for _, p := range readers {
		if may(p) {
			acting = append(acting, p.Users...)
		} else {
			looking = append(looking, p.Users...)
		}
	}
	if len(acting) == 0 {
		return nil
	}
	return &chat.Own{Name: name, Arg: id, For: append(acting, looking...)}
}

// Trouble says that something failed on our side, with the reference the log has too, and gives back what was typed.
func Trouble(ref, typed string) chat.Card {
	c := chat.Card{Key: "trouble", Summary: "Something went wrong on my side (ref " + ref + "). Nothing was stored: please try again.",
		Blocks: []chat.Block{chat.Para("Something went wrong on my side (ref ", chat.Code(ref),
			"). Nothing was stored: please try again, and tell an admin the reference if it happens twice.")}}
	return givenBack(c, typed)
}

// TroubleWithForm is Trouble about a form whose text was kept all the same.
func TroubleWithForm(ref, typed, form, state string) chat.Card {
	c := Trouble(ref, typed)
	c.Summary = "Something went wrong on my side (ref " + ref + "). Your text is safe."
	c.Blocks[0] = chat.Para("Something went wrong on my side (ref ", chat.Code(ref),
		"). Your text is safe: continue in a moment, and tell an admin the reference if it happens twice.")
	c.Blocks = append(c.Blocks, chat.ButtonRow(ContinueButton("Continue", form, state)))
	return c
}

// ContinueButton opens a form where it was left.
func ContinueButton(label, form, state string) chat.Button {
	return chat.Ask(label, "form.continue", form+" "+state)
}

// Continued stands above a form that was left at t.
func Continued(t time.Time, loc *time.Location) chat.Text {
	return chat.T("Continue where you stopped (", chat.At(t, loc, chat.DayTime), "): what you had typed is filled in. ")
}

// Refusal says why something was not done, leads on to what it names, and gives back what was typed.
func Refusal(sentence, typed string) chat.Card {
	c := chat.Card{Key: "refusal", Summary: sentence, Blocks: []chat.Block{chat.Para(sentence)}}
	if row := onwards(sentence); len(row) > 0 {
		c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	}
	return givenBack(c, typed)
}

var (
	quotedPart = regexp.MustCompile(`"[^"]*"|“[^”]*”`) // what was typed, or a form's text: not what leads on
	named      = regexp.MustCompile(`\b([DR])-\d+\b`)
	fixed      = regexp.MustCompile(`/(?:truce (?:help|home|roles|proposals|back)|lead (?:mine|nobody|unrated)|dispute (?:list|mine|rules)|charter sign|objection (?:top|themes))\b`)
)

// onwards are buttons to the cases, rules and commands that a sentence names.
func onwards(sentence string) (row []chat.Button) {
	sentence = quotedPart.ReplaceAllString(sentence, "")
	add := func(b chat.Button) {
		if len(row) < 3 && !slices.ContainsFunc(row, func(o chat.Button) bool { return o.Label == b.Label }) {
			row = append(row, b)
		}
	}
	for _, id := range named.FindAllStringSubmatch(sentence, -1) {
		if strings.Contains(sentence, "There is no") { // what is not there leads nowhere
			break
		}
		add(chat.Press("Show "+id[0], map[string]string{"D": "dispute.show", "R": "rule.show"}[id[1]], id[0]))
	}
	for _, line := range fixed.FindAllString(sentence, -1) {
		add(chat.Ask(line, "command.open", strings.TrimPrefix(line, "/")))
	}
	return row
}

func givenBack(c chat.Card, typed string) chat.Card {
	if len(typed) <= 20 || truce.Blank(typed) { // a word or two is typed again faster than copied
		return c
	}
	parts := GivenBackParts(typed)
	if len(parts) == 1 {
		c.Blocks = append(c.Blocks, chat.Small("Your text, to copy:"))
	} else {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("Your text, to copy, part 1 of %d. The others come as direct messages.", len(parts))))
	}
	for _, q := range parts[0] {
		c.Blocks = append(c.Blocks, chat.Quote(q))
	}
	return c
}

// A message holds so many quotes of so many characters: what every platform shows whole.
const (
	wholeQuotes = 2
	wholeQuote  = 2800
)

// GivenBackParts are the messages, of a few quotes each, in which a text that a person typed is given back whole.
func GivenBackParts(typed string) (parts [][]string) {
	for q := range slices.Chunk(Pieces(typed, wholeQuote), wholeQuotes) {
		parts = append(parts, q)
	}
	return parts
}

// GivenBack is a later part of what a person typed, counted from 0.
func GivenBack(quotes []string, part, parts int) chat.Card {
	c := chat.Card{Key: "given-back", Summary: fmt.Sprintf("Your text, part %d of %d.", part+1, parts)}
	said := fmt.Sprintf("Your text, to copy, part %d of %d:", part+1, parts)
	if parts == 1 { // a form has less room than what was typed
		c.Summary, said = "Your text, whole.", "Your text, to copy: the form has no room for all of it."
	}
	c.Blocks = append(c.Blocks, chat.Small(said))
	for _, q := range quotes {
		c.Blocks = append(c.Blocks, chat.Quote(q))
	}
	return c
}

// Pieces cuts a text into pieces of at most n characters, behind a line where there is one. Put together they are the text.
func Pieces(text string, n int) (list []string) {
	for r := []rune(text); len(r) > 0; {
		end := min(n, len(r))
		if end < len(r) {
			if i := strings.LastIndexByte(string(r[:end]), '\n'); i > 0 {
				end = utf8.RuneCountInString(string(r[:end])[:i+1])
			} else { // platforms cut off the space around a text
				for end > n/2 && (unicode.IsSpace(r[end-1]) || unicode.IsSpace(r[end])) {
					end--
				}
			}
		}
		list, r = append(list, string(r[:end])), r[end:]
	}
	return list
}

// MembersOnly tells guests and people of other organisations that Truce is not for them.
func MembersOnly() chat.Card {
	s := "Truce works for full members of this workspace only: what is said here is internal. Please ask the person who invited you to pass " +
		"it on."
	return chat.Card{Key: "members-only", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// MembersAlone is the same where there is room for a line.
const MembersAlone = "Truce works for full members of this workspace only."

// NotYet is what somebody is told of whom no platform has said yet whether they are a full member.
const NotYet = "I cannot see yet whether you are a full member; try again in a minute."

// KeptUntilVouched tells somebody of whom no platform has spoken yet that what they told is stored.
func KeptUntilVouched(typed string) chat.Card {
	s := "Stored. I cannot see yet whether you are a full member, so I show you nothing more; try again in a minute."
	c := chat.Card{Key: "kept", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
	if typed != "" && len(typed) <= 20 {
		c.Blocks = append(c.Blocks, chat.Quote(typed))
	}
	return givenBack(c, typed)
}

// NotVouched tells an admin that a platform has not said for a time who n people are.
func NotVouched(network string, since time.Time, n int) chat.Card {
	who := "somebody"
	if n > 1 {
		who = strconv.Itoa(n) + " people"
	}
	s := "Since " + since.Format("15:04") + " " + capital(network) + " has not told me who " + who +
		" of those who write to me are. Until it does I keep what they tell, " +
		"and show them nothing. People it has vouched for before are not affected. If this lasts, look at the platform's status page, and at " +
		"the app's permissions with truce check --online."
	return chat.Card{Key: "standing.trouble", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// Help lists all commands.
func Help(cat chat.Catalog) chat.Card {
	c := chat.Card{Key: "help", Summary: "What you can type to Truce.", Title: chat.T("What you can type")}
	t := chat.Table{Caption: "Commands", Columns: []chat.Column{{Title: "Command"}, {Title: "What it does"}}}
	for _, cmd := range cat.Commands {
		t.Rows = append(t.Rows, []chat.Cell{{Text: "/" + cmd.Name}, {Text: cmd.Help}})
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t), chat.Small("Type a command with "+"help"+
		" behind it for examples. With nothing behind it, a command opens its form. You can also just write to me."))
	return c
}

// CommandHelp explains one command.
func CommandHelp(cmd chat.CommandInfo) chat.Card {
	c := chat.Card{Key: "help", Summary: "/" + cmd.Name + ": " + cmd.Help}
	c.Blocks = append(c.Blocks, chat.Para(chat.Code("/"+cmd.Name+" "+cmd.Usage)), chat.Para(cmd.Help))
	if len(cmd.Examples) > 0 {
		t := chat.T("For example:")
		for _, e := range cmd.Examples {
			t = append(t, chat.T("\n", chat.Code("/"+e))...)
		}
		c.Blocks = append(c.Blocks, chat.Block{Text: t})
	}
	return c
}

// Welcome is said once, where the bot was added.
func Welcome(cat chat.Catalog) chat.Card {
	c := Help(cat)
	c.Key, c.Summary = "welcome", "I am Truce. Type /objection and what your buyer said."
	c.Title = chat.T("I am Truce")
	c.Blocks = append([]chat.Block{chat.Para("Tell me what buyers say and I give you the best approved answer at once. Dispute a lead and "+
		"hear back by a known date. Try ",
		chat.Code("/objection they say we are too slow"), ".")}, c.Blocks...)
	return c
}

// HomeView is what a person's home page shows.
type HomeView struct {
	Name    string
	Catalog chat.Catalog
	Waiting []chat.Block      // what waits for the person, ready to be done
	Digest  *truce.SentDigest // the newest that concerns the person; nil: none was sent yet
	Loc     *time.Location
}

// Home is a person's home page: what waits for them, doable there.
func Home(v HomeView) chat.Card {
	c := chat.Card{Key: "home", Summary: "What waits for you.", Title: chat.T("Good to see you, " + v.Name)}
	c.Blocks = append(c.Blocks, homeDigest(v.Digest, v.Loc)...)
	if len(v.Waiting) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing waits for you."))
	}
	c.Blocks = append(c.Blocks, v.Waiting...)
	return c
}

// homeDigest is the newest digest in two lines, above what waits: the finding, and the button to the whole of it.
func homeDigest(g *truce.SentDigest, loc *time.Location) []chat.Block {
	if g == nil {
		return nil
	}
	name := map[string]string{"leads": "Lead-feedback digest", "weekly": "Alignment summary", "monthly": "The sponsor's month"}[g.Kind]
	if name == "" {
		name = "Digest"
	}
	t := chat.T(chat.B(name), " of ", chat.At(g.At, loc, chat.Day))
	if g.Headline != "" {
		t = append(t, chat.T("\n"+g.Headline)...)
	}
	return []chat.Block{{Text: t}, chat.ButtonRow(chat.Press("Open "+g.ID, "digest.open", g.ID))}
}

// Remedy tells an admin why a channel did not get its message, and what would let it.
func Remedy(channel, remedy string) chat.Card {
	s := "I could not post in the " + channel + " channel. " + remedy + " Until then its messages go to the people concerned."
	return chat.Card{Key: "remedy", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// NotAllowed tells an admin that a platform does not take Truce's credentials.
func NotAllowed(network, remedy string) chat.Card {
	s := capital(network) + " does not let me send anything: it refuses my credentials. " + remedy +
		" What I have to say there waits until then."
	return chat.Card{Key: "credentials", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// Unreachable tells an admin that a person gets nothing of what Truce has for them. remedy is the platform's, where it knows one.
func Unreachable(p truce.Person, seen bool, remedy string) chat.Card {
	who := p.Name
	if p.Email != "" && p.Email != p.Name {
		who += " (" + p.Email + ")"
	}
	s := "I cannot write to " + who + ": "
	if seen {
		s += "they removed me, blocked me, or never added me."
	} else {
		s += "they have not written to me yet."
	}
	if remedy == "" {
		remedy = "Ask them to write one word to me."
	}
	s += " " + remedy + " What I have for them waits for a week."
	return chat.Card{Key: "unreachable", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}
