package storage

/*
// What is needed of SQLite, as it declares it. Weak, because the driver brings it: this package is linked by itself while it is built.
typedef struct sqlite3 sqlite3;
extern int sqlite3_auto_extension(void (*entry)(void)) __attribute__((weak));
extern int sqlite3_db_config(sqlite3 *, int op, ...) __attribute__((weak));
extern int sqlite3_config(int op, ...) __attribute__((weak));

enum { ENABLE_QPSG = 1007, MEMSTATUS = 9 }; // SQLITE_DBCONFIG_ENABLE_QPSG, SQLITE_CONFIG_MEMSTATUS

static int truce_keep_plan(sqlite3 *db, const char **err, const void *api) {
	return sqlite3_db_config(db, ENABLE_QPSG, 1, (int *)0);
}

// truce_no_sums is done before SQLite is first used.
static void truce_no_sums(void) {
	if (sqlite3_config) sqlite3_config(MEMSTATUS, 0);
}

static void truce_keep_plans(void) {
	if (sqlite3_auto_extension && sqlite3_db_config) sqlite3_auto_extension((void (*)(void))truce_keep_plan);
}
*/
import "C"

// A statement that is kept prepared keeps its plan, in each connection that is opened. Without this SQLite looks at the values that are
// bound, and so parses and plans many of our statements anew each time they run: who somebody is took ten times as long. Source:
// https://sqlite.org/c3ref/c_dbconfig_defensive.html, SQLITE_DBCONFIG_ENABLE_QPSG. The price: a plan cannot follow a value, such as how
// many rows are asked for, or a word that a partial index is about; such words are written into the statement.
//
// And nobody asks SQLite how much memory it has taken: summing it up costs a lock for each piece. Source:
// https://sqlite.org/c3ref/c_config_covering_index_scan.html, SQLITE_CONFIG_MEMSTATUS.
func init() {
	C.truce_no_sums()
	C.truce_keep_plans()
}
