package metrics

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"truce/storage"
)

// state reads how things stand each time it is asked.
type state struct{ src Source }

// readFor is how long the database may take to say how things stand.
const readFor = 5 * time.Second

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	connected = gauge("truce_platform_connected", "1 while the platform is connected.", "platform")
	jobLate   = gauge("truce_job_late_seconds", "How long ago the oldest moment is at which a job was due and has not run; 0 for none.",
		"job")
	answers  = gauge("truce_database_up", "1 while the database answers.")
	waiting  = gauge("truce_outbox_waiting", "Messages that wait to be sent, also those that are held back on purpose.", "platform")
	oldest   = gauge("truce_outbox_oldest_seconds", "The age of the oldest message that could be sent now; 0 for none.", "platform")
	promises = gauge("truce_promises_open", "What waits for somebody. paused is no where its time runs, else why not: away, nobody, none, "+
		"full, data, soon.", "kind", "paused")
	syncAge    = gauge("truce_sync_last_success_seconds", "How long ago a source was last heard whole.", "sync")
	syncFails  = gauge("truce_sync_failing", "1 while a source's newest run has failed.", "sync")
	syncWaits  = gauge("truce_sync_rows_waiting", "Rows of a source whose lead has not come yet.", "sync")
	fileBytes  = gauge("truce_database_bytes", "The size of the database.")
	logBytes   = gauge("truce_wal_bytes", "The size of the database's write-ahead log.")
	backupAge  = gauge("truce_backup_age_seconds", "How long ago truce backup last made a backup; not there before the first.")
	everything = []*prometheus.Desc{connected, jobLate, answers, waiting, oldest, promises, syncAge, syncFails, syncWaits, fileBytes, logBytes,
		backupAge}
)

// Describe tells what there is.
func (s state) Describe(out chan<- *prometheus.Desc) {
	for _, d := range everything {
		out <- d
	}
}

// Collect reads how things stand.
func (s state) Collect(out chan<- prometheus.Metric) {
	put := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for name, ready := range s.src.Platforms {
		put(connected, one(ready() == nil), name)
	}
	if s.src.Late != nil {
		for job, by := range s.src.Late() {
			put(jobLate, by.Seconds(), job)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), readFor)
	defer cancel()
	var o storage.Operations
	var syncs []storage.SourceState
	now := s.src.Store.Now()
	err := s.src.Store.View(ctx, func(tx *storage.Tx) (err error) {
		if o, err = tx.Operations(s.src.Terms); err == nil {
			syncs, err = tx.SourceStates(s.src.Syncs)
		}
		return err
	})
	put(answers, one(err == nil))
	if err != nil {
		return
	}
	for _, d := range o.Outbox {
		put(waiting, float64(d.Waiting), d.Platform)
		put(oldest, since(now, d.Oldest), d.Platform)
	}
	for name := range s.src.Platforms { // nothing waits: it is 0, not unknown
		if !slices.ContainsFunc(o.Outbox, func(d storage.OutboxDepth) bool { return d.Platform == name }) {
			put(waiting, 0, name)
			put(oldest, 0, name)
		}
	}
	for w, n := range o.Waits {
		why := string(w.Why)
		if why == "" {
			why = "no"
		}
		put(promises, float64(n), string(w.Kind), why)
	}
	for _, y := range syncs {
		if !y.Heard.IsZero() {
			put(syncAge, since(now, y.Heard), y.Name)
		}
		put(syncFails, one(y.Why != ""), y.Name)
		put(syncWaits, float64(y.Waiting), y.Name)
	}
	put(fileBytes, float64(o.Database))
	put(logBytes, float64(o.Log))
	if !o.Backup.IsZero() {
		put(backupAge, since(now, o.Backup))
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// since is how long ago t was, in seconds; 0 for never and for what a clock that was set makes of the future.
func since(now, t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return max(0, now.Sub(t).Seconds())
}
