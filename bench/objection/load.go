package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"truce/bot/slack/slackfake"
)

// result is what a load came to.
type result struct {
	perSecond float64
	p50, p99  time.Duration
	cpu       time.Duration // of the server, per request
	failed    int
}

// server is a process under load.
type server struct {
	name, path, addr string
	pid              int
	started          time.Duration
	idle             float64 // MiB resident
	rss              float64 // MiB resident after all loads
}

var serial atomic.Int64

// ask posts one signed command, and reports whether it was answered as logged.
func ask(c *http.Client, s *server, secret, text string) bool {
	n := serial.Add(1)
	form := url.Values{"command": {"/objection"}, "text": {text}, "team_id": {"T1"}, "channel_id": {"C1"}, "channel_name": {"general"},
		"user_id": {"U1"}, "user_name": {"rita"},
		"trigger_id": {fmt.Sprintf("t.%d.%d", os.Getpid(), n)}, "response_url": {"http://127.0.0.1:9/"}}
	body := form.Encode()
	req, err := http.NewRequest(http.MethodPost, "http://"+s.addr+s.path, strings.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	slackfake.Sign(req, secret, body, time.Now())
	res, err := c.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return err == nil && res.StatusCode == http.StatusOK && strings.Contains(string(answer), "Logged")
}

// load puts a server under load for a time: closed, by so many connections, or open, at a rate a second (conns is then the most at
// once, and a latency counts from the moment the request was due).
func load(s *server, secret string, sentences []string, conns, rate int, d time.Duration) result {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxConnsPerHost: conns, MaxIdleConnsPerHost: conns}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var took []time.Duration
	failed := 0
	one := func(due time.Time, i int) {
		ok := ask(client, s, secret, sentences[i%len(sentences)])
		t := time.Since(due)
		mu.Lock()
		defer mu.Unlock()
		if took = append(took, t); !ok {
			failed++
		}
	}
	before, start := cpu(s.pid), time.Now()
	var wg sync.WaitGroup
	if rate == 0 {
		for c := range conns {
			wg.Go(func() {
				for i := c; time.Since(start) < d; i += conns {
					one(time.Now(), i)
				}
			})
		}
	} else {
		for i := range int(float64(rate) * d.Seconds()) {
			due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
			time.Sleep(time.Until(due))
			wg.Go(func() { one(due, i) })
		}
	}
	wg.Wait()
	all := time.Since(start)
	used := cpu(s.pid) - before
	slices.Sort(took)
	n := len(took)
	if n == 0 {
		return result{}
	}
	return result{perSecond: float64(n-failed) / all.Seconds(), p50: took[n/2], p99: took[n*99/100], cpu: used / time.Duration(n),
		failed: failed}
}

// cpu is what a process has used, from /proc: ticks of 10 ms.
func cpu(pid int) time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	f := strings.Fields(rest)
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// resident is a process's resident memory in MiB.
func resident(pid int) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kb / 1024
}

// middle is the median of one figure of several results.
func middle(list []result, of func(result) float64) float64 {
	v := make([]float64, len(list))
	for i, r := range list {
		v[i] = of(r)
	}
	slices.Sort(v)
	return v[len(v)/2]
}
