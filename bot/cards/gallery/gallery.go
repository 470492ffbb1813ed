// Package gallery holds one of everything that package cards can make: as it looks on a usual day, and as it looks when it is as
// large and as nasty as what people and CRMs write can make it. It is for tests, which hold each against every platform's
// limits; a card that is not here fails them.
package gallery

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// Item is one constructor of package cards.
type Item struct {
	Name string
	make any
	args []any // of a usual day, as far as they tell more than what fits their type; nil is what fits
}

// Piece is what a constructor made: a form, or a card (around the block, table or button it made).
type Piece struct {
	Card *chat.Card
	Form *chat.Form
}

// Usual is the item on a usual day, always the same.
func (i Item) Usual() Piece { return i.call(&filler{loc: berlin()}, i.args) }

// Nasty is the item with the largest and nastiest content, at random by the seed.
func (i Item) Nasty(seed uint64) Piece {
	return i.call(&filler{loc: berlin(), r: rand.New(rand.NewPCG(seed, 26))}, nil)
}

func (i Item) call(f *filler, args []any) Piece {
	fn := reflect.ValueOf(i.make)
	in := make([]reflect.Value, fn.Type().NumIn())
	for n := range in {
		t := fn.Type().In(n)
		if n < len(args) && args[n] != nil {
			in[n] = reflect.ValueOf(args[n]).Convert(t)
		} else {
			f.path = fmt.Sprint(i.Name, n)
			in[n] = f.value(t, "")
		}
	}
	around := func(b ...chat.Block) Piece {
		return Piece{Card: &chat.Card{Key: "part", Summary: i.Name, Blocks: b}}
	}
	switch made := fn.Call(in)[0].Interface().(type) {
	case chat.Card:
		return Piece{Card: &made}
	case chat.Form:
		return Piece{Form: &made}
	case []chat.Block:
		return around(made...)
	case chat.Block:
		return around(made)
	case chat.Table:
		return around(chat.TableBlock(made))
	case chat.Button:
		return around(chat.ButtonRow(made))
	}
	panic("gallery: " + i.Name + " makes nothing that is shown")
}

func berlin() *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return time.UTC
	}
	return loc
}

const (
	said  = "They say we are twice as slow as their present supplier."
	brief = "A bakery. We sell to laboratories."
)

// readers are who has a message on a screen: somebody in Teams who may not act, and two who may.
var readers = []truce.Person{
	{ID: "P-7", Name: "Nora", Users: []string{"teams:tenant:29:nora"}, Roles: []truce.Role{truce.Rep}},
	{ID: "P-8", Name: "Mark", Users: []string{"slack:T1:U8", "teams:tenant:29:mark"}, Roles: []truce.Role{truce.Marketer}},
	{ID: "P-9", Name: "Maya", Users: []string{"teams:tenant:29:maya"}, Roles: []truce.Role{truce.MarketingManager}},
}

// interview is one of a usual day: the third of its questions is asked.
var interview = truce.Interview{ID: "I-4", Account: "Glenrock", AccountKey: "glenrock", Segment: "Biotech", Standing: truce.IdealCustomer,
	Who: "Dr. Amsel", WhoRole: "lab head",
	Consent: true, By: "P-8", State: truce.Asking, Place: 2, Questions: truce.InterviewQuestions,
	Answers: []truce.InterviewAnswer{{Place: 1, Text: "A second reader, which doubled the repeats."}}}

// icpProfile is the ideal customer of a usual day.
var icpProfile = truce.Profile{Threshold: 60, Criteria: []truce.Criterion{
	{Attribute: "segment", Test: truce.TestOneOf, Texts: []string{"pharma", "biotech"}, Points: 40, Note: "nine of our ten best"},
	{Attribute: "size", Test: truce.TestRange, Low: 50, High: math.Inf(1), Points: 20},
	{Attribute: "kind", Test: truce.TestEquals, Texts: []string{"student"}, Exclude: true}}}

// icpRound is two lists that are there.
var icpRound = truce.ListRound{ID: "B-1", StartedBy: "P-8", StartedAt: noon, DueAt: noon.AddDate(0, 0, 7), Lists: []truce.PickList{
	{PersonID: "P-7", Side: truce.Sales, Best: []truce.Pick{{Account: "Glenrock", Reason: "reorders every quarter"},
		{Account: "Silverton", Reason: "three deals"}}, Dead: []truce.Pick{{Account: "Westlake Core", Reason: "buys through a consortium"}}},
	{PersonID: "P-9", Side: truce.Marketing, Best: []truce.Pick{{Account: "Glenrock", Reason: "a reference"},
		{Account: "Westlake Core", Reason: "reordered"}}, Dead: []truce.Pick{{Account: "Silverton", Reason: "41 support visits, no reorder"}}}}}

// Items are all constructors, by name.
var Items = []Item{
	{"MoreAnswers", cards.MoreAnswers, []any{nil, nil, "O-1"}},
	{"AnswerForm", cards.AnswerForm, []any{nil, nil, "A-3", true}},
	{"AnswerToSend", cards.AnswerToSend, nil},
	{"AnswerSaved", cards.AnswerSaved, []any{nil, nil, "A price claim needs an approver: somebody else in Marketing.", 4}},
	{"AnswerNews", cards.AnswerNews, []any{nil, nil, "O-1"}},
	{"AnswerCredit", cards.AnswerCredit, nil},
	{"AnswerRecalled", cards.AnswerRecalled, []any{nil, nil, "The study was withdrawn."}},
	{"Answers", cards.Answers, nil},
	{"RecallForm", cards.RecallForm, []any{nil, 6}},
	{"AnswerDone", cards.AnswerDone, []any{"Approved."}},
	{"InsteadForm", cards.InsteadForm, []any{"A-1 O-1"}},
	{"Voted", cards.Voted, nil},
	{"Request", cards.Request, nil},
	{"ReviewDue", cards.ReviewDue, nil},
	{"Trouble", cards.Trouble, []any{"7K2Q", said}},
	{"TroubleWithForm", cards.TroubleWithForm, []any{"7K2Q", said, "objection", ""}},
	{"ContinueButton", cards.ContinueButton, []any{"Continue", "objection", ""}},
	{"Refusal", cards.Refusal, []any{"Choose between 1 and 30 days.", said}},
	{"MembersOnly", cards.MembersOnly, nil},
	{"KeptUntilVouched", cards.KeptUntilVouched, []any{said}},
	{"NotVouched", cards.NotVouched, []any{"slack", noon, 3}},
	{"Help", cards.Help, nil},
	{"CommandHelp", cards.CommandHelp, nil},
	{"Welcome", cards.Welcome, nil},
	{"Home", cards.Home, nil},
	{"Remedy", cards.Remedy, []any{"#lead-disputes", "Type /invite @Truce in #lead-disputes."}},
	{"NoLeads", cards.NoLeads, nil},
	{"PeriodSelect", cards.PeriodSelect, nil},
	{"DrillGroups", cards.DrillGroups, nil},
	{"DrillReasons", cards.DrillReasons, nil},
	{"DrillLeads", cards.DrillLeads, nil},
	{"DrillDeals", cards.DrillDeals, nil},
	{"DrillCases", cards.DrillCases, nil},
	{"DrillPromises", cards.DrillPromises, nil},
	{"DrillSales", cards.DrillSales, []any{nil, nil, "First touch"}},
	{"DrillAccounts", cards.DrillAccounts, []any{nil, "First shown on", "What came of it"}},
	{"DrillObjections", cards.DrillObjections, nil},
	{"DrillActivities", cards.DrillActivities, nil},
	{"OpenedFigures", cards.OpenedFigures, nil},
	{"RowsButton", cards.RowsButton, []any{"k=leads&n=index"}},
	{"ObjectionOdds", cards.ObjectionOdds, nil},
	{"ByAttribute", cards.ByAttribute, nil},
	{"AttributeSelect", cards.AttributeSelect, nil},
	{"NotAllowed", cards.NotAllowed, nil},
	{"ColumnUnsure", cards.ColumnUnsure, nil},
	{"ColumnAsked", cards.ColumnAsked, nil},
	{"ColumnAsk", cards.ColumnAsk, nil},
	{"ColumnSaid", cards.ColumnSaid, nil},
	{"AllFigures", cards.AllFigures, nil},
	{"Compared", cards.Compared, nil},
	{"Weeks", cards.Weeks, nil},
	{"Funnel", cards.Funnel, nil},
	{"Group", cards.Group, nil},
	{"Kept", cards.Kept, nil},
	{"Deciles", cards.Deciles, nil},
	{"DisputesBecame", cards.DisputesBecame, nil},
	{"Standing", cards.Standing, nil},
	{"ProvedWrong", cards.ProvedWrong, nil},
	{"BoughtLater", cards.BoughtLater, nil},
	{"SecondLooks", cards.SecondLooks, nil},
	{"SecondLookState", cards.SecondLookState, nil},
	{"SecondLookForm", cards.SecondLookForm, []any{false, true, ""}},
	{"SecondLookOver", cards.SecondLookOver, nil},
	{"SecondLookVoid", cards.SecondLookVoid, nil},
	{"HighestLost", cards.HighestLost, nil},
	{"Sales", cards.Sales, nil},
	{"Odds", cards.Odds, nil},
	{"Messages", cards.Messages, nil},
	{"AnswersUsed", cards.AnswersUsed, nil},
	{"Costs", cards.Costs, nil},
	{"Repeat", cards.Repeat, []any{"23 % (52 of 226)"}},
	{"InsideICP", cards.InsideICP, nil},
	{"QuarterEnd", cards.QuarterEnd, nil},
	{"QuarterEnds", cards.QuarterEnds, nil},
	{"QuarterEndButton", cards.QuarterEndButton, nil},
	{"NotMeasured", cards.NotMeasured, []any{[]string{"repeat rate"}, []string{"orders"}}},
	{"Drill", cards.Drill, nil},
	{"Parts", cards.Parts, nil},
	{"OnePart", cards.OnePart, nil},
	{"HowComputed", cards.HowComputed, nil},
	{"DigestPrefs", cards.DigestPrefs, []any{"The weekly digest is paused until Monday."}},
	{"Digest", cards.Digest, nil},
	{"Why", cards.Why, nil},
	{"Evidence", cards.Evidence, nil},
	{"Sources", cards.Sources, nil},
	{"SourceWays", cards.SourceWays, nil},
	{"Week", cards.Week, nil},
	{"Imported", cards.Imported, nil},
	{"FieldHeard", cards.FieldHeard, nil},
	{"MarketingOwes", cards.MarketingOwes, nil},
	{"Changes", cards.Changes, nil},
	{"Since", cards.Since, nil},
	{"Sides", cards.Sides, nil},
	{"TaskForceLine", cards.TaskForceLine, []any{"Task force", noon, 3, 1}},
	{"OutcomesSay", cards.OutcomesSay, nil},
	{"Moved", cards.Moved, nil},
	{"Decide", cards.Decide, nil},
	{"Recap", cards.Recap, nil},
	{"Outcomes", cards.Outcomes, nil},
	{"Dispute", cards.Dispute, nil},
	{"DisputePosted", cards.DisputePosted, []any{nil, readers}},
	{"DisputeOpened", cards.DisputeOpened, nil},
	{"DisputeTold", cards.DisputeTold, []any{nil, nil, nil, "dispute.decline"}},
	{"DisputeRefused", cards.DisputeRefused, []any{"The case D-12 of this lead is settled."}},
	{"DisputeStep", cards.DisputeStep, []any{nil, "dispute.decline", "Core facilities bought nine times last year.", nil}},
	{"Disputes", cards.Disputes, []any{"Open cases", "No case is open."}},
	{"DisputeForm", cards.DisputeForm, []any{"L-12", "outside_icp", brief}},
	{"TextForm", cards.TextForm, []any{"dispute.decline", "Decline D-12", "Why the lead is right", "The rep reads it.", "Decline", "D-12",
		true}},
	{"Desk", cards.Desk, nil},
	{"Away", cards.Away, nil},
	{"Back", cards.Back, nil},
	{"Lead", cards.Lead, nil},
	{"Leads", cards.Leads, []any{"Your leads", "Three wait for you.", "No lead waits for you."}},
	{"LeadForm", cards.LeadForm, nil},
	{"RejectForm", cards.RejectForm, nil},
	{"GiveForm", cards.GiveForm, nil},
	{"RateSeveralForm", cards.RateSeveralForm, nil},
	{"RatedSeveral", cards.RatedSeveral, nil},
	{"LeadGiven", cards.LeadGiven, nil},
	{"Draft", cards.Draft, nil},
	{"Note", cards.Note, nil},
	{"NoteGone", cards.NoteGone, nil},
	{"Split", cards.Split, nil},
	{"NothingAsked", cards.NothingAsked, nil},
	{"NotUnderstood", cards.NotUnderstood, nil},
	{"Said", cards.Said, []any{"MQL: a lead that Marketing has qualified and hands over to Sales."}},
	{"Colleague", cards.Colleague, nil},
	{"NothingToUndo", cards.NothingToUndo, nil},
	{"NoHelp", cards.NoHelp, nil},
	{"WhatElse", cards.WhatElse, []any{12}},
	{"DraftsLeft", cards.DraftsLeft, []any{12}},
	{"RateSeveralButton", cards.RateSeveralButton, nil},
	{"HowTo", cards.HowTo, []any{"lead mine", true}},
	{"Meant", cards.Meant, []any{"dispte", "dispute", "list"}},
	{"Question", cards.Question, nil},
	{"Drafts", cards.Drafts, nil},
	{"RecentNotes", cards.RecentNotes, nil},
	{"NoteForm", cards.NoteForm, nil},
	{"InterviewQuestion", cards.InterviewQuestion, []any{cards.InterviewView{Interview: interview, Answered: 2}}},
	{"InterviewPaused", cards.InterviewPaused, []any{interview}},
	{"GoOn", cards.GoOn, []any{interview}},
	{"InterviewDiscarded", cards.InterviewDiscarded, []any{interview}},
	{"InterviewAsks", cards.InterviewAsks, []any{"Glenrock", []truce.Interview{interview}}},
	{"Interviews", cards.Interviews, []any{[]truce.Interview{interview}, cards.Page{List: "outcome.mine", Shown: 1, Of: 3}}},
	{"InterviewEnd", cards.InterviewEnd, []any{cards.InterviewView{Interview: interview}}},
	{"Pasted", cards.Pasted, []any{interview}},
	{"QuotesForReps", cards.QuotesForReps, []any{interview, []string{"That our auditor would not accept a new reader mid-study."}}},
	{"InterviewForm", cards.InterviewForm, []any{interview, "outcome.who"}},
	{"AnswerQuestionForm", cards.AnswerQuestionForm, []any{interview, 2}},
	{"WholeInterviewForm", cards.WholeInterviewForm, []any{interview}},
	{"PasteForm", cards.PasteForm, []any{"Glenrock"}},
	{"StatementForm", cards.StatementForm, []any{interview}},
	{"RateForm", cards.RateForm, []any{interview}},
	{"Profile", cards.Profile, []any{cards.ProfileView{Version: &truce.ProfileVersion{Profile: icpProfile, Version: 3, From: noon, By: "P-8",
		ID: "T-3"}, Proposer: "Mia Chen",
		Agreed: []string{"Sam Ortiz", "Mona Reyes"}, Evidence: "What the books say of 34 attribute values: segment = pharma held up.",
		Waiting: "T-4", Title: "+ segment is core facility: 25 points", Loc: berlin()}}},
	{"ProfileDraft", cards.ProfileDraft, []any{icpProfile, []truce.Difference{{What: "+ segment is core facility", Becomes: "25 points"}},
		"Last year it would have counted 190 leads more as inside."}},
	{"CriterionForm", cards.CriterionForm, []any{60.0, []string{"employees", "region", "segment"}}},
	{"ProfileForm", cards.ProfileForm, []any{truce.ExampleProfile, "T-4"}},
	{"DraftForm", cards.DraftForm, []any{truce.ExampleProfile}},
	{"ProfileFaults", cards.ProfileFaults, []any{[]string{"line 3: criteria[1].points: is missing"}, truce.ExampleProfile}},
	{"ProfileHistory", cards.ProfileHistory, nil},
	{"FitCard", cards.FitCard, []any{cards.FitView{Of: "L-12 · Kim Miller, Northfield Labs", Version: 3,
		Fit: icpProfile.Of(func(a string) string {
			return map[string]string{"segment": "academia", "size": "120"}[a]
		}), Kept: noon, CRM: truce.OutsideICP, Lead: "L-12", Company: "Northfield Labs", Except: "“a reference” (Sam Ortiz, until 1 Jun 2026)",
		Loc: berlin()}}},
	{"Company", cards.Company, nil},
	{"InCRM", cards.InCRM, []any{"https://crm.example.com/leads/1"}},
	{"WhichCompany", cards.WhichCompany, nil},
	{"NoProfile", cards.NoProfile, []any{"L-12", truce.InsideICP}},
	{"ExceptForm", cards.ExceptForm, nil},
	{"Excepted", cards.Excepted, nil},
	{"ListsBegin", cards.ListsBegin, []any{true}},
	{"ListsAsk", cards.ListsAsk, nil},
	{"ListsWait", cards.ListsWait, []any{cards.ListsView{Round: icpRound, By: truce.Person{ID: "P-8", Roles: []truce.Role{truce.Marketer}},
		Has: map[truce.Side]int{truce.Sales: 8, truce.Marketing: 4}, Loc: berlin()}}},
	{"ListForm", cards.ListForm, []any{"B-1", icpRound.Lists[0]}},
	{"ListsOpened", cards.ListsOpened, []any{icpRound, icpRound.Overlap(), true}},
	{"ListsOverlap", cards.ListsOverlap, []any{cards.OverlapView{Round: icpRound, Overlap: icpRound.Overlap(),
		Books: map[string]truce.Booked{"silverton": {Key: "silverton", Name: "Silverton", Won: 3, Months: 14},
			"glenrock": {Key: "glenrock", Name: "Glenrock", Won: 1, Orders: 4, Months: 20, Top: true}}, Loc: berlin()}}},
	{"ProfileLine", cards.ProfileLine, nil},
	{"ProfileFigures", cards.ProfileFigures, nil},
	{"LeadsWithFit", cards.LeadsWithFit, nil},
	{"Inventory", cards.Inventory, nil},
	{"InventoryOn", cards.InventoryOn, nil},
	{"InventoryOutcome", cards.InventoryOutcome, nil},
	{"Loose", cards.Loose, nil},
	{"OutcomeChoice", cards.OutcomeChoice, []any{"outcome.merge", "Merge", "It is part of", "Merge", "OI-1"}},
	{"RenameForm", cards.RenameForm, nil},
	{"SplitForm", cards.SplitForm, nil},
	{"Brief", cards.Brief, []any{cards.BriefView{Account: "Glenrock", Interviews: []truce.Interview{interview}, Loc: time.UTC}}},
	{"Objection", cards.Objection, nil},
	{"WhoseObjection", cards.WhoseObjection, nil},
	{"ObjectionUndone", cards.ObjectionUndone, nil},
	{"ObjectionForm", cards.ObjectionForm, nil},
	{"Top", cards.Top, nil},
	{"Found", cards.Found, nil},
	{"PersonLeft", cards.PersonLeft, nil},
	{"GroupTrouble", cards.GroupTrouble, []any{"@marketing", nil, "There is no such group any more, so it gives nobody a role."}},
	{"SyncTrouble", cards.SyncTrouble, []any{"crm_leads", "The database says: permission denied for table leads (SQLSTATE 42501)."}},
	{"SyncWell", cards.SyncWell, nil},
	{"SyncSources", cards.SyncSources, nil},
	{"GoneFromCRM", cards.GoneFromCRM, nil},
	{"LastBackup", cards.LastBackup, nil},
	{"SidesWithheld", cards.SidesWithheld, nil},
	{"Refreshing", cards.Refreshing, nil},
	{"Reminder", cards.Reminder, nil},
	{"GivenBack", cards.GivenBack, []any{[]string{brief}, 1, 3}},
	{"Items", cards.Items, nil},
	{"MoreItems", cards.MoreItems, nil},
	{"RatingAsked", cards.RatingAsked, nil},
	{"Missed", cards.Missed, nil},
	{"Activity", cards.Activity, nil},
	{"ActivityList", cards.ActivityList, nil},
	{"ActivityForm", cards.ActivityForm, nil},
	{"LinkForm", cards.LinkForm, nil},
	{"MotiveForm", cards.MotiveForm, nil},
	{"ObserveForm", cards.ObserveForm, []any{nil, []chat.Option{{Value: "0", Label: "badge scans, by 2026-03-03"}}}},
	{"ActivityDue", cards.ActivityDue, nil},
	{"Agenda", cards.Agenda, nil},
	{"MeetingPosted", cards.MeetingPosted, []any{nil, readers}},
	{"Minutes", cards.Minutes, nil},
	{"SeriesForm", cards.SeriesForm, []any{cards.SeriesFields{Members: []string{"Sam", "Mona", "Pat"}, People: []chat.Option{
		{Value: "Sam", Label: "Sam", Hint: "Sales"}, {Value: "Mona", Label: "Mona", Hint: "Marketing"},
		{Value: "Pat", Label: "Pat", Hint: "Sponsor"}}, Here: "#alignment", Channel: true,
		Days: truce.NewCalendar(nil).Days, Chairs: []string{"Sam", "Mona", "Pat"}}}},
	{"SeriesBegun", cards.SeriesBegun, nil},
	{"SeriesEnded", cards.SeriesEnded, nil},
	{"AddItemForm", cards.AddItemForm, nil},
	{"ItemAdded", cards.ItemAdded, nil},
	{"ItemTakenOff", cards.ItemTakenOff, nil},
	{"DecisionForm", cards.DecisionForm, nil},
	{"DecisionProposed", cards.DecisionProposed, []any{nil, chat.Ask("Propose it…", "journey.propose", "")}},
	{"DropItemForm", cards.DropItemForm, nil},
	{"ActionForm", cards.ActionForm, nil},
	{"DropActionForm", cards.DropActionForm, nil},
	{"MeetingAction", cards.MeetingAction, nil},
	{"MeetingActions", cards.MeetingActions, nil},
	{"ActionsDue", cards.ActionsDue, nil},
	{"CancelForm", cards.CancelForm, nil},
	{"WasThere", cards.WasThere, nil},
	{"Proposal", cards.Proposal, []any{proposal(truce.ProposalOpen)}},
	{"ProposalPosted", cards.ProposalPosted, []any{proposal(truce.ProposalOpen), readers}},
	{"ProposalWaits", cards.ProposalWaits, []any{proposal(truce.ProposalOpen)}},
	{"Proposals", cards.Proposals, []any{[]cards.ProposalView{proposal(truce.ProposalOpen)},
		[]cards.ProposalView{proposal(truce.ProposalInForce)}}},
	{"ProposalNoForm", cards.ProposalNoForm, []any{proposal(truce.ProposalOpen).Proposal}},
	{"ProposalArgueForm", cards.ProposalArgueForm, []any{proposal(truce.ProposalOpen).Proposal}},
	{"ProposalRetireForm", cards.ProposalRetireForm, []any{proposal(truce.ProposalInForce).Proposal}},
	{"Charter", cards.Charter, []any{cards.CharterView{CharterMeasured: charterMeasured(), Company: truce.Signed{Of: 14, Yes: 12, CouldNot: 1},
		Mine: truce.Signature{Version: 2}, Signs: true, From: "Pat Rivera", Loc: berlin()}}},
	{"CharterPrinted", cards.CharterPrinted, []any{charterMeasured(), "Pat Rivera"}},
	{"CharterPromises", cards.CharterPromises, []any{charterMeasured()}},
	{"CharterGoals", cards.CharterGoals, []any{charterMeasured()}},
	{"NoCharter", cards.NoCharter, []any{true, ""}},
	{"CharterSign", cards.CharterSign, []any{2, 2, "Pat Rivera",
		truce.ExampleCharter(truce.Date{Year: 2026, Month: time.March, Day: 2}, "USD"),
		[]truce.Difference{{What: "Sales: first touch in time", Was: "85 %", Becomes: "90 %"}}, false}},
	{"CharterTerms", cards.CharterTerms, []any{3, []truce.Difference{{What: "Sales: first touch in time", Was: "85 %", Becomes: "90 %"}}}},
	{"Signed", cards.Signed, []any{2, true, "Pat Rivera"}},
	{"CouldNotSign", cards.CouldNotSign, []any{"Ben", truce.Signature{PersonID: "P-2", Version: 2,
		Reason: "I cannot touch a lead in a day while I cover two territories."}}},
	{"Reasons", cards.Reasons, nil},
	{"CharterAnswered", cards.CharterAnswered, []any{"The sponsor",
		truce.Signature{PersonID: "P-2", Version: 2, Reason: "Two territories.", Answer: "The second goes to Cat in May."}}},
	{"CharterHistory", cards.CharterHistory, nil},
	{"CharterForm", cards.CharterForm, []any{truce.ExampleCharter(truce.Date{Year: 2026, Month: time.March, Day: 2}, "USD"), true}},
	{"CannotSignForm", cards.CannotSignForm, []any{"2"}},
	{"AnswerSignForm", cards.AnswerSignForm, []any{"Ben", "2 P-2"}},
	{"SuggestForm", cards.SuggestForm, nil},
	{"Suggested", cards.Suggested, []any{"Ben", "A goal for repeat business."}},
	{"SuggestionSent", cards.SuggestionSent, nil},
	{"ValueForm", cards.ValueForm, []any{"proposal.value", "Propose another value", "promises.first_touch_hours",
		truce.Value{Name: "time to the first touch", Value: "24", Unit: "h"}, "16"}},
	{"SettingForm", cards.SettingForm, []any{[]cards.SettingNow{{Key: "promises.first_touch_hours", Name: "time to the first touch",
		Now: "24 h"}, {Key: "calendar.hours", Name: "business hours", Now: "09:00-17:00"}}, "16"}},
	{"SourceForm", cards.SourceForm, nil},
	{"WhichDeputy", cards.WhichDeputy, []any{"Nora New", []truce.Person{{ID: "P-3", Name: "Nora New", Email: "nora.new@example.com"},
		{ID: "P-14", Name: "Nora New"}}}},
	{"Deputy", cards.Deputy, []any{"Dana"}},
	{"RuleForm", cards.RuleForm, []any{"D-12", "Leads from Syndication without a laboratory go back at once."}},
	{"RuleSettled", cards.RuleSettled, nil},
	{"Rules", cards.Rules, nil},
	{"Themes", cards.Themes, nil},
	{"ThemeForm", cards.ThemeForm, nil},
	{"NewThemeForm", cards.NewThemeForm, []any{"Consortium buying", "O-1 O-2 O-5", 3}},
	{"ThemeDone", cards.ThemeDone, []any{"Merged: Price is now part of Budget."}},
	{"Unreachable", cards.Unreachable, nil},
	{"Led", cards.Led, nil},
	{"Mine", cards.Mine, nil},
	{"Journey", cards.Journey, nil},
	{"JourneyWhole", cards.JourneyWhole, nil},
	{"ExitForm", cards.ExitForm, []any{[]string{"evaluation", "decision"}, "evaluation", "have run their own samples", ""}},
	{"JourneyStage", cards.JourneyStage, []any{nil, "Turnaround time"}},
	{"ToJourney", cards.ToJourney, []any{"O-12"}},
	{"ToAccount", cards.ToAccount, []any{"Northfield Labs"}},
	{"EntryForm", cards.EntryForm, nil},
	{"JourneyAdded", cards.JourneyAdded, []any{nil, "N-7"}},
	{"JourneyRemoved", cards.JourneyRemoved, nil},
	{"CiteForm", cards.CiteForm, []any{nil, "I-2"}},
	{"StagesForm", cards.StagesForm, []any{"consideration: leads mql, accepted\ntrial (was evaluation)", ""}},
	{"AskForm", cards.AskForm, []any{nil, "At the time of evaluation: what almost stopped you?"}},
	{"MapAsked", cards.MapAsked, []any{nil, "evaluation"}},
	{"MapAskedNoMore", cards.MapAskedNoMore, []any{"J-3"}},
	{"AnswerAsked", cards.AnswerAsked, []any{nil, nil, true}},
	{"MyData", cards.MyData, nil},
	{"Held", cards.Held, nil},
	{"Export", cards.Export, []any{[]string{"{\n \"email\": \"rita@quillwater.example\",\n \"objections\": [",
		"  {\n   \"where\": \"O-1\",\n   \"text\": \"they say we are too slow\"\n  }\n ]\n}"}, 0, 3, "9f3c0a12"}},
	{"EraseLeadForm", cards.EraseLeadForm, []any{"L-1", []string{"L-3"}}},
	{"ErasedLeadCard", cards.ErasedLeadCard, []any{[]string{"L-1", "L-3"}, 2}},
	{"ErasedMessage", cards.ErasedMessage, nil},
	{"EraseForm", cards.EraseForm, nil},
	{"ErasedCard", cards.ErasedCard, nil},
	{"RolesCard", cards.RolesCard, nil},
	{"WhichForRole", cards.WhichForRole, []any{"Nora New", truce.MarketingManager, false,
		[]truce.Person{{ID: "P-3", Name: "Nora New", Email: "nora.new@example.com", Roles: []truce.Role{truce.Rep}},
			{ID: "P-14", Name: "Nora New", Email: "n.new@example.com"}}}},
	{"RoleChanged", cards.RoleChanged, nil},
}

// proposal is one of a usual day.
func proposal(state truce.ProposalState) cards.ProposalView {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	p := truce.Proposal{ID: "T-4", Kind: truce.LevelGround, Thing: "promises.first_touch_hours", Title: "time to the first touch 24 h to 16 h",
		State: state, At: at, AskedAt: at,
		Was:     []byte(`{"name":"time to the first touch","value":"24","unit":"h"}`),
		Payload: []byte(`{"name":"time to the first touch","value":"16","unit":"h"}`),
		Effect:  "Of the last 13 weeks' 212 first touches 78 % came within 24 h; 61 % would have come within 16 h.",
		Why:     "Leads touched on the second day answer twice as often.",
		Needs:   []truce.Side{truce.Sales, truce.Marketing}, Votes: []truce.Vote{{Side: truce.Marketing, PersonID: "P-2", Said: truce.SaidYes,
			At: at}}}
	if state == truce.ProposalInForce {
		p.Version, p.InForce = 2, at
	}
	return cards.ProposalView{ProposalFile: truce.ProposalFile{Proposal: p, Proposer: "Mia",
		Keys: truce.Keyholders{Managers: map[truce.Side][]string{truce.Sales: {"P-1"}, truce.Marketing: {"P-2"}}}}, Loc: berlin()}
}

// charterMeasured is one of a usual day.
func charterMeasured() truce.CharterMeasured {
	c := truce.ExampleCharter(truce.Date{Year: 2026, Month: time.March, Day: 2}, "USD")
	f := func(v float64) *float64 { return &v }
	n := func(v int) *int { return &v }
	yes, no := true, false
	m := truce.CharterMeasured{Version: 2, InForce: time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC),
		Signed: &truce.Signed{Of: 14, Yes: 12, CouldNot: 1}, Why: c.Why}
	m.Goals = []truce.GoalMeasured{{CharterGoal: c.Goals[0], Now: f(61200000), Line: f(58000000)},
		{CharterGoal: c.Goals[1], Now: f(0.41), Low: f(0.33), High: f(0.5), Line: f(0.37)}}
	m.Promises = []truce.PromiseMeasured{{CharterPromise: c.Promises[0], K: n(612), Measured: f(612), Kept: &yes},
		{CharterPromise: c.Promises[3], K: n(165), N: n(212), Measured: f(0.778), Low: f(0.717), High: f(0.829), Kept: &no},
		{CharterPromise: c.Promises[6], K: n(3), N: n(3), Measured: f(1), Low: f(0.44), High: f(1), Kept: &yes}}
	return m
}
