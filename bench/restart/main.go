// Command restart measures what people whom Truce knows notice of a restart while Slack is slow to say who anybody is: 200 of them type a
// command over a minute each, first in a running bot, then in one that has just started. Slack's users.info takes 150 ms.
//
//	go run ./bench/restart
//
// It prints p50, p99 and the longest answer of both minutes, and how many waited for Slack: those answered no sooner than users.info
// would have been. Wanted: the second p99 within 1.3 times the first, and nobody waiting.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"truce/bot/slack/slackfake"
)

func main() {
	people := flag.Int("people", 200, "how many people type")
	over := flag.Duration("over", time.Minute, "over how long they do")
	slow := flag.Duration("users-info", 150*time.Millisecond, "how long users.info takes")
	flag.Parse()
	if err := run(os.Stdout, *people, *over, *slow); err != nil {
		fmt.Fprintln(os.Stderr, "restart:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, people int, over, slow time.Duration) error {
	dir, err := os.MkdirTemp("", "truce-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "truce")
	if built, err := exec.Command("go", "build", "-o", binary, "./bot").CombinedOutput(); err != nil {
		return fmt.Errorf("build truce: %w: %s", err, built)
	}
	fake := slackfake.New()
	defer fake.Close()
	var users []string
	for i := range people {
		id := fmt.Sprintf("UB%04d", i)
		fake.AddUser(slackfake.User{ID: id, Name: fmt.Sprintf("Rep %d", i), Email: fmt.Sprintf("rep%d@quillwater.example", i), Zone: "UTC"})
		users = append(users, id)
	}
	fake.Fail("users.info", slackfake.Fault{Delay: slow, Times: 100_000})
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TRUCE_SLACK_MODE=http", "TRUCE_SLACK_BOT_TOKEN=" + fake.BotToken,
		"TRUCE_SLACK_SIGNING_SECRET=" + fake.SigningSecret,
		"TRUCE_SLACK_API_URL=" + fake.APIURL(), "TRUCE_STORAGE_PATH=" + filepath.Join(dir, "truce.db"), "TRUCE_HTTP_LISTEN=127.0.0.1:0"}
	stop, err := start(fake, binary, env)
	if err != nil {
		return err
	}
	typed := func(over time.Duration) []time.Duration { return minute(fake, users, over) }
	typed(over / 6) // all of them become known
	time.Sleep(2 * time.Second)
	running := typed(over)
	stop()
	before := len(fake.Calls("users.info"))
	if stop, err = start(fake, binary, env); err != nil {
		return err
	}
	defer stop()
	restarted := typed(over)
	fmt.Fprintf(out, "%d people over %s, users.info %s\n", people, over, slow)
	report(out, "running", running, slow)
	report(out, "after a restart", restarted, slow)
	fmt.Fprintf(out, "p99 after a restart is %.2f times that without one; users.info was asked %d times\n",
		float64(at(restarted, 0.99))/float64(at(running, 0.99)), len(fake.Calls("users.info"))-before)
	return nil
}

// minute has each person type once, evenly over a time, and tells how long each waited for the answer.
func minute(fake *slackfake.Fake, users []string, over time.Duration) []time.Duration {
	took := make([]time.Duration, len(users))
	var typing sync.WaitGroup
	tick := time.NewTicker(over / time.Duration(len(users)))
	defer tick.Stop()
	for i, u := range users {
		typing.Go(func() {
			began := time.Now()
			fake.Command(u, "C1", "/objection top")
			took[i] = time.Since(began)
		})
		<-tick.C
	}
	typing.Wait()
	slices.Sort(took)
	return took
}

func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func report(out io.Writer, name string, sorted []time.Duration, slow time.Duration) {
	waited := 0
	for _, d := range sorted {
		if d >= slow {
			waited++
		}
	}
	fmt.Fprintf(out, "%-16s p50 %s, p99 %s, longest %s; %d waited for Slack\n", name, at(sorted, 0.5).Round(100*time.Microsecond),
		at(sorted, 0.99).Round(100*time.Microsecond),
		sorted[len(sorted)-1].Round(100*time.Microsecond), waited)
}

// start runs the program until it is ready; stop ends it.
func start(fake *slackfake.Fake, binary string, env []string) (stop func(), err error) {
	cmd := exec.Command(binary, "run")
	cmd.Env = env
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			if _, addr, ok := strings.Cut(lines.Text(), `"truce is running" listen=`); ok {
				found <- strings.Fields(addr)[0]
			}
		}
	}()
	stop = func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() }
	select {
	case addr := <-found:
		fake.BotURL = "http://" + addr
	case <-time.After(time.Minute):
		stop()
		return nil, fmt.Errorf("it does not listen after a minute")
	}
	for range 600 {
		if res, err := http.Get(fake.BotURL + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return stop, nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("it is not ready after half a minute")
}
