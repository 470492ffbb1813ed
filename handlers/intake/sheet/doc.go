// Package sheet reads and writes the tables that other systems exchange: CSV of any kind in, CSV and JSON Lines out. It knows
// which columns of a file hold which of our fields (Bind, Presets) and what a cell means (dates, scores, amounts, statuses),
// and says in one clear sentence what is wrong with a row. It must not know a database, a chat or what happens to a row.
//
// A file is read row by row in constant memory. What is wrong with the whole file (no header, a workbook instead of CSV, two
// columns of one name) is an error of Open or Bind, a *truce.Error with the next step in it; what is wrong with one row is in
// that Row, and the rest is read on.
package sheet
