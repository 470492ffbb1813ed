// Package textindex finds texts that mean the same and guesses what a text is about: objections like this one, the theme of
// an objection, the kind of a note. Everything is words counted in memory: no model is downloaded and nothing leaves the
// process, so each guess can be traced to the words and the earlier texts it rests on.
//
// An Index weighs every word of a query over all its texts (BM25) and forgives typos. A Classifier ranks labels and says how
// sure it is; below its threshold the caller asks with buttons instead of assigning. Split and Similar only propose.
//
// The package knows no database, no chat and no domain record: callers give ids, texts and labels as strings. It is made for
// short English texts (a sentence or two); in other languages words are found as they are written, without stems.
package textindex
