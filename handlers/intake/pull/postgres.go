package pull

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgtype"

	"truce"
)

// Postgres asks a PostgreSQL database with a query of the company's, in a transaction that can change nothing.
type Postgres struct {
	URL   string // postgres://..., or keywords as libpq has them
	Query string // :since in it is a timestamptz
}

// hangUpAfter is how long the database may take to stop a query that nobody waits for any more.
const hangUpAfter = 5 * time.Second

// begin opens the database and a transaction, whose snapshot is taken at its own time at.
func (p Postgres) begin(ctx context.Context) (conn *pgx.Conn, tx pgx.Tx, at time.Time, err error) {
	cfg, err := pgx.ParseConfig(p.URL)
	if err != nil {
		return nil, nil, at, truce.Errorf(truce.Invalid, "the address of the database cannot be read: %w", err) // it repeats no password
	}
	for name, value := range map[string]string{"timezone": "UTC", "datestyle": "ISO", "extra_float_digits": "1", "application_name": "truce"} {
		cfg.RuntimeParams[name] = value
	}
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: hangUpAfter}
	}
	if conn, err = pgx.ConnectConfig(ctx, cfg); err != nil {
		return nil, nil, at, fmt.Errorf("connect to the database: %w", err)
	}
	if tx, err = conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}); err == nil {
		err = tx.QueryRow(ctx, "SELECT now()").Scan(&at)
	}
	if err != nil {
		hangUp(conn)
		return nil, nil, at, databaseError(err)
	}
	return conn, tx, at.UTC(), nil
}

func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), hangUpAfter)
	defer cancel()
	conn.Close(ctx) // the transaction is undone by that
}

// databaseError is what the database says, for people.
func databaseError(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return truce.Errorf(truce.Invalid, "the database says: %s (SQLSTATE %s)", said.Message, said.Code)
	}
	return err
}

// Ask runs the query. Its rows become a JSON object each, so that numbers, truth values, nothing and JSON stay what they are.
func (p Postgres) Ask(ctx context.Context, since time.Time, _ *slog.Logger) (*Rows, error) {
	ctx, stop := context.WithCancel(ctx)
	conn, tx, at, err := p.begin(ctx)
	if err != nil {
		stop()
		return nil, err
	}
	sql, asks := withSince(p.Query)
	args := []any{pgx.QueryResultFormats{pgx.TextFormatCode}}
	if asks {
		args = append(args, since)
	}
	rows, err := tx.Query(ctx, sql, args...)
	if err == nil {
		err = twice(rows.FieldDescriptions())
	}
	if err != nil {
		stop()
		hangUp(conn)
		return nil, databaseError(err)
	}
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer hangUp(conn)
		err := writeRows(w, rows)
		rows.Close()
		if ctx.Err() != nil && err != nil {
			err = context.Cause(ctx)
		}
		w.CloseWithError(err) // io.EOF where all came
	}()
	return &Rows{ReadCloser: &answered{r, stop, done}, At: at, JSON: true}, nil
}

// answered is the rows of a query on their way.
type answered struct {
	*io.PipeReader
	stop context.CancelFunc
	done chan struct{}
}

// Close stops the query where it still runs.
func (a *answered) Close() error {
	a.stop()
	a.PipeReader.Close()
	<-a.done
	return nil
}

// Try has the database plan the query: it must know the tables and let us read them.
func (p Postgres) Try(ctx context.Context) error {
	conn, tx, _, err := p.begin(ctx)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	sql, asks := withSince(p.Query)
	var args []any
	if asks {
		args = append(args, Epoch)
	}
	rows, err := tx.Query(ctx, "EXPLAIN "+sql, args...)
	if err == nil {
		rows.Close()
		err = rows.Err()
	}
	return databaseError(err)
}

// twice is an error where two columns have one name.
func twice(columns []pgconn.FieldDescription) error {
	seen := map[string]bool{}
	for _, c := range columns {
		if seen[c.Name] {
			return truce.Errorf(truce.Invalid, "the query gives two columns the name %q: name one of them otherwise (AS)", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// writeRows writes the rows as they come.
func writeRows(w io.Writer, rows pgx.Rows) error {
	out := bufio.NewWriterSize(w, 64<<10)
	columns := rows.FieldDescriptions()
	names := make([][]byte, len(columns))
	for i, c := range columns {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return err
		}
		names[i] = append(name, ':')
	}
	var line []byte
	for rows.Next() {
		line = append(line[:0], '{')
		for i, raw := range rows.RawValues() {
			if i > 0 {
				line = append(line, ',')
			}
			line = append(line, names[i]...)
			var err error
			if line, err = appendValue(line, columns[i].DataTypeOID, raw); err != nil {
				return fmt.Errorf("read the column %s: %w", columns[i].Name, err)
			}
		}
		if _, err := out.Write(append(line, '}', '\n')); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return databaseError(err)
	}
	return out.Flush()
}

// appendValue appends a value in PostgreSQL's own text form as JSON.
func appendValue(line []byte, oid uint32, raw []byte) ([]byte, error) {
	if raw == nil {
		return append(line, "null"...), nil
	}
	text := string(raw)
	switch oid {
	case pgtype.BoolOID:
		if text == "t" {
			return append(line, "true"...), nil
		}
		return append(line, "false"...), nil
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID:
		if !strings.ContainsAny(text, "NIyt") { // NaN and Infinity are no numbers of JSON
			return append(line, text...), nil
		}
	case pgtype.JSONOID, pgtype.JSONBOID:
		b := bytes.NewBuffer(line)
		err := json.Compact(b, raw) // in one line
		return b.Bytes(), err
	case pgtype.TimestamptzOID:
		if whole, ok := strings.CutSuffix(text, "+00"); ok {
			text = strings.Replace(whole, " ", "T", 1) + "Z"
		}
	}
	value, err := json.Marshal(text)
	return append(line, value...), err
}

// withSince puts a parameter where :since stands in the query: not within quotes and comments, and not behind another colon.
func withSince(sql string) (with string, asks bool) {
	const name, parameter = ":since", "$1::timestamptz"
	var b strings.Builder
	for i := 0; i < len(sql); {
		n := quoted(sql[i:], i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E') && (i < 2 || !inName(sql[i-2])))
		if n == 0 && strings.HasPrefix(sql[i:], "::") {
			n = 2
		}
		if n == 0 && sql[i] == '$' && i > 0 && inName(sql[i-1]) {
			n = 1
		}
		if n == 0 && len(sql)-i >= len(name) && strings.EqualFold(sql[i:i+len(name)], name) &&
			(i+len(name) == len(sql) || !inName(sql[i+len(name)])) {
			b.WriteString(parameter)
			i, asks = i+len(name), true
			continue
		}
		n = max(n, 1)
		b.WriteString(sql[i : i+n])
		i += n
	}
	return b.String(), asks
}

func inName(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// quoted is how long the text in quotes or the comment is that s begins with; 0 where it begins with none. escapes says that a backslash
// keeps a quote from ending it.
func quoted(s string, escapes bool) int {
	until := func(from int, end string) int {
		if i := strings.Index(s[from:], end); i >= 0 {
			return from + i + len(end)
		}
		return len(s)
	}
	switch {
	case s[0] == '"', s[0] == '\'' && !escapes:
		return until(1, s[:1]) // a quote written twice is two texts
	case s[0] == '\'':
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '\'':
				return i + 1
			}
		}
		return len(s)
	case strings.HasPrefix(s, "--"):
		return until(2, "\n")
	case strings.HasPrefix(s, "/*"):
		for i, deep := 2, 1; i < len(s); i++ {
			switch {
			case strings.HasPrefix(s[i:], "/*"):
				deep++
				i++
			case strings.HasPrefix(s[i:], "*/"):
				i++
				if deep--; deep == 0 {
					return i + 1
				}
			}
		}
		return len(s)
	case s[0] == '$':
		end := 1
		for end < len(s) && inName(s[end]) && s[end] != '$' {
			end++
		}
		if end < len(s) && s[end] == '$' && !(end > 1 && s[1] >= '0' && s[1] <= '9') {
			return until(end+1, s[:end+1])
		}
	}
	return 0
}
