package intake

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"truce/handlers/intake/sheet"
)

// leadsFile is a file of leads with ids in no order, as CRMs make them.
func leadsFile(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("id,mql_at,email,name,company,source,campaign,score,owner,segment\n")
	r := rand.New(rand.NewPCG(7, 7))
	for i := range rows {
		c := r.IntN(rows/3 + 1)
		fmt.Fprintf(&b, "%016x%016x,2025-%02d-%02d %02d:%02d:00,person%d@company%d.example,Person %d,Company %d Ltd,Source %d,Campaign "+
			"%d,%d,rep%d,Segment %d\n",
			r.Uint64(), r.Uint64(), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), i, c, i, c, r.IntN(8), r.IntN(200), r.IntN(101), r.IntN(40),
			r.IntN(12))
	}
	return b.Bytes()
}

func BenchmarkImportLeads(b *testing.B) {
	const rows = 100_000
	text := leadsFile(rows)
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	for b.Loop() {
		store := openStore(b)
		if err := store.KeepRollUps(b.Context(), time.UTC); err != nil {
			b.Fatal(err)
		}
		f, err := Open(b.Context(), store, bytes.NewReader(text), Options{Kind: sheet.Leads})
		if err != nil {
			b.Fatal(err)
		}
		var s Summary
		err = store.Relax(b.Context(), func() (err error) { s, err = f.Import(b.Context(), store, &heard{}); return err })
		if err != nil || s.Added != rows {
			b.Fatal(s, err)
		}
	}
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	n := float64(b.N) * rows
	b.ReportMetric(n/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(after.Utime.Nano()-before.Utime.Nano())/1e3/n, "user-µs/row")
	b.ReportMetric(float64(after.Stime.Nano()-before.Stime.Nano())/1e3/n, "sys-µs/row")
}
