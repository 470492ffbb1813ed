// Package metrics counts what a running Truce does, for Prometheus. No person, lead, source or theme is in a name or a label: labels
// are platforms, kinds, results, jobs and the names of syncs, all of them few and known beforehand.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// Source is what the figures are read from when they are asked for.
type Source struct {
	Store     *storage.Store
	Terms     truce.Terms // as configured
	Version   string
	Platforms map[string]func() error         // by name; nil: it is connected
	Late      func() map[string]time.Duration // by how much each job is behind
	Syncs     []string                        // the names of the sources of truce sync
}

// Metrics counts.
type Metrics struct {
	registry   *prometheus.Registry
	events     *prometheus.CounterVec
	latency    *prometheus.HistogramVec
	commits    prometheus.Histogram
	deliveries *prometheus.CounterVec
}

// seconds are the buckets of what a person waits for: a platform gives us three seconds.
var seconds = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10}

// New makes the figures of a source. Its commits are timed from now on.
func New(src Source) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "truce_events_total",
			Help: "What people did, by platform, kind and whether it was answered or failed on our side."}, []string{"platform", "kind", "result"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "truce_event_duration_seconds",
			Help: "How long an event took from its arrival to its answer.", Buckets: seconds}, []string{"platform"}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "truce_commit_duration_seconds",
			Help:    "How long the disk took to keep what was written.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "truce_deliveries_total",
			Help: "Attempts to send a message, by platform and result: sent, or what stood in the way."}, []string{"platform", "result"}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "truce_build_info", Help: "Always 1; its label says which version runs."},
		[]string{"version"})
	build.WithLabelValues(src.Version).Set(1)
	m.registry.MustRegister(m.events, m.latency, m.commits, m.deliveries, build, state{src},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	src.Store.TimeCommits(func(d time.Duration) { m.commits.Observe(d.Seconds()) })
	return m
}

// Page serves the figures.
func (m *Metrics) Page() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second})
}

// Handle lets h answer an event, and counts it.
func (m *Metrics) Handle(ctx context.Context, ev chat.Event, h chat.Handler) (chat.Reply, error) {
	began := time.Now() // a stopwatch
	r, err := h.Handle(ctx, ev)
	result := "answered"
	if err != nil {
		result = "failed"
	}
	platform := chat.Network(ev.User.ID)
	if platform == "" {
		platform = "none"
	}
	m.events.WithLabelValues(platform, string(ev.Kind), result).Inc()
	m.latency.WithLabelValues(platform).Observe(time.Since(began).Seconds())
	return r, err
}

// Delivered counts an attempt to send.
func (m *Metrics) Delivered(platform string, err error) {
	result := "sent"
	if err != nil {
		result = string(chat.TroubleOf(err))
	}
	m.deliveries.WithLabelValues(platform, result).Inc()
}
