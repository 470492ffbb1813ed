package schedules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"truce"
	"truce/storage"
)

// Job is something that is to happen at set times.
type Job struct {
	Name string // names its runs in the store; never change it
	Spec Spec

	// Run does the job for the moment it was due at. It computes in a View, then claims the run (Tx.Claim with Name and due) and
	// writes what is to be said in one Update: so it happens once, whoever else tries, and is not lost when the process
	// stops in between. A run that finds nothing to do need not claim.
	Run func(ctx context.Context, due time.Time) error
}

// Loop runs jobs when they are due. What is due is computed from the store, so a stop of the process loses nothing: of the
// runs that were missed only the newest is made up for.
type Loop struct {
	Jobs  []Job
	Store *storage.Store
	Log   *slog.Logger

	busy  sync.Mutex           // one look at a time
	tried map[string]time.Time // newest due moment run by this process, also without a claim

	seen sync.Mutex
	upTo map[string]time.Time // up to when a job is known to owe nothing
}

// Late is by how much each job is behind: how long ago the oldest moment is at which it was due and has not run. A job that fails, or
// stands behind one that takes long, is late.
func (l *Loop) Late() map[string]time.Duration {
	l.seen.Lock()
	defer l.seen.Unlock()
	now, late := l.Store.Now(), map[string]time.Duration{}
	for _, j := range l.Jobs {
		late[j.Name] = 0
		if since, ok := l.upTo[j.Name]; ok {
			if next := j.Spec.Next(since); !next.IsZero() && next.Before(now) {
				late[j.Name] = now.Sub(next)
			}
		}
	}
	return late
}

// owesNothing remembers that a job has done all that was due at a moment.
func (l *Loop) owesNothing(job string, at time.Time) {
	l.seen.Lock()
	defer l.seen.Unlock()
	if l.upTo == nil {
		l.upTo = map[string]time.Time{}
	}
	l.upTo[job] = at
}

// longestSleep is how long the loop trusts a clock: the system's may be set, a demo's moved on.
const longestSleep = time.Minute

// Run runs jobs until ctx ends, and returns when none is under way.
func (l *Loop) Run(ctx context.Context) error {
	for {
		next, err := l.Once(ctx)
		if err != nil && ctx.Err() == nil {
			l.Log.Error("jobs", "error", err)
		}
		sleep := longestSleep
		if wait := next.Sub(l.Store.Now()); !next.IsZero() && wait < sleep {
			sleep = max(wait, 10*time.Millisecond)
		}
		timer := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// Once runs what is due now, one job after the other, and tells when something will be due next. A job that fails keeps the
// others from nothing, and is tried again at its next turn or, where it has claimed nothing, in a minute.
func (l *Loop) Once(ctx context.Context) (next time.Time, err error) {
	l.busy.Lock()
	defer l.busy.Unlock()
	if l.tried == nil {
		l.tried = map[string]time.Time{}
	}
	var errs []error
	for _, j := range l.Jobs {
		if err := ctx.Err(); err != nil {
			return next, err
		}
		looked := l.Store.Now()
		if l.idle(j, looked) {
			continue
		}
		due, err := l.due(ctx, j)
		if err == nil && !due.IsZero() {
			if err = run(ctx, j, due); err == nil {
				l.tried[j.Name] = due
			}
		}
		if err == nil {
			l.owesNothing(j.Name, looked)
		} else {
			errs = append(errs, fmt.Errorf("job %s: %w", j.Name, err))
		}
	}
	for _, j := range l.Jobs {
		if at := j.Spec.Next(l.Store.Now()); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, errors.Join(errs...)
}

// idle reports whether a job owed nothing when it was last looked at and has not become due since, so that the store need not be
// asked.
func (l *Loop) idle(j Job, now time.Time) bool {
	l.seen.Lock()
	since, ok := l.upTo[j.Name]
	l.seen.Unlock()
	if !ok {
		return false
	}
	next := j.Spec.Next(since)
	return next.IsZero() || next.After(now)
}

// run keeps a panic of one job from the others.
func run(ctx context.Context, j Job, due time.Time) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return j.Run(ctx, due)
}

// due is the newest moment at which the job was due and for which it has not run; zero where there is none. A job that the
// store has never heard of is not behind: it begins now.
func (l *Loop) due(ctx context.Context, j Job) (due time.Time, err error) {
	var last time.Time
	begun := ""
	err = l.Store.View(ctx, func(tx *storage.Tx) (err error) {
		if last, err = tx.LastRun(j.Name); err != nil {
			return err
		}
		begun, err = tx.Meta(sinceKey(j))
		return err
	})
	if err != nil {
		return due, err
	}
	if begun == "" {
		begun = l.Store.Now().Format(time.RFC3339)
		err := l.Store.Update(ctx, func(tx *storage.Tx) error {
			if had, err := tx.Meta(sinceKey(j)); err != nil || had != "" {
				return err
			}
			return tx.SetMeta(sinceKey(j), begun)
		})
		if err != nil {
			return due, err
		}
	}
	since, err := time.Parse(time.RFC3339, begun)
	if err != nil {
		return due, fmt.Errorf("read since when it runs: %w", err)
	}
	for _, t := range []time.Time{since, l.tried[j.Name]} {
		if t.After(last) {
			last = t
		}
	}
	if list := j.Spec.Due(last, l.Store.Now(), 1); len(list) == 1 {
		return list[0], nil
	}
	return due, nil
}

func sinceKey(j Job) string { return "job_since:" + j.Name }

// Jobs are the jobs that keep promises and the house: those of the digests come from elsewhere.
func Jobs(store *storage.Store, t truce.Terms, log *slog.Logger) []Job {
	every, err := Parse("* * * * *", t.Calendar.Loc)
	daily, err2 := Parse("17 3 * * *", t.Calendar.Loc)
	mornings, err3 := Parse("5 9 * * *", t.Calendar.Loc)
	if err := errors.Join(err, err2, err3); err != nil {
		panic(err) // our own lines
	}
	clocks := Clocks{Store: store, Terms: t, Log: log}
	requests := Requests{Store: store, Terms: t, Log: log}
	profiles := Profiles{Store: store, Terms: t}
	second := SecondLooks{Store: store, Terms: t}
	return []Job{
		{Name: "second looks", Spec: mornings, Run: second.Weekly},
		{Name: "ends of second looks", Spec: mornings, Run: func(ctx context.Context, _ time.Time) error { return second.Tend(ctx) }},
		{Name: "requests", Spec: mornings, Run: requests.Once},
		{Name: "clocks", Spec: every, Run: func(ctx context.Context, _ time.Time) error { return clocks.Once(ctx) }},
		{Name: "profiles", Spec: every, Run: func(ctx context.Context, _ time.Time) error { return profiles.Once(ctx) }},
		{Name: "tidy", Spec: daily, Run: func(ctx context.Context, due time.Time) error {
			return store.Update(ctx, func(tx *storage.Tx) error {
				if ok, err := tx.Claim("tidy", due); err != nil || !ok {
					return err
				}
				return tx.ForgetEvents(tx.Now.AddDate(0, 0, -30))
			})
		}},
	}
}
