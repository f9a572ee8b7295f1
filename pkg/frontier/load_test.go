package frontier

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	loadPending = flag.Int("load.pending", 2000, "tasks that TestLoad has pending")
	loadWorked  = flag.Int("load.worked", 200_000, "how many of these are worked on at most")
)

// loadDirVariable has the test binary be a nats-server over a directory, and nothing else: only a process of its own has
// CPU time and memory of its own.
const loadDirVariable = "KHABAR_FRONTIER_TEST_SERVER"

// serveLoad is that server. It ends when its standard input does.
func serveLoad(dir string) error {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, HTTPHost: "127.0.0.1", HTTPPort: server.RANDOM_PORT,
		NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir,
	})
	if err != nil {
		return err
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(time.Minute) {
		return errors.New("nats-server is not ready")
	}
	fmt.Printf("%s http://%s\n", s.ClientURL(), s.MonitorAddr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// loadServer is such a process.
type loadServer struct {
	url, monitor string
	cmd          *exec.Cmd
	stdin        io.Closer
}

func startLoadServer(t *testing.T) *loadServer {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	s := &loadServer{cmd: exec.Command(self)}
	s.cmd.Env = append(os.Environ(), loadDirVariable+"="+t.TempDir())
	s.cmd.Stderr = os.Stderr
	s.stdin, err = s.cmd.StdinPipe()
	must(t, err)
	stdout, err := s.cmd.StdoutPipe()
	must(t, err)
	must(t, s.cmd.Start())
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it has ended where the test came to its end
		_ = s.cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(t, err)
	if _, err := fmt.Sscan(line, &s.url, &s.monitor); err != nil {
		t.Fatalf("the server said %q: %v", line, err)
	}
	return s
}

// megabytes is the memory that the server's process has resident.
func (s *loadServer) megabytes(t *testing.T) int64 {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(s.monitor + "/varz")
	must(t, err)
	defer r.Body.Close()
	var v server.Varz
	must(t, json.NewDecoder(r.Body).Decode(&v))
	return v.Mem >> 20
}

// end stops the server and gives the CPU time that it took.
func (s *loadServer) end(t *testing.T) time.Duration {
	t.Helper()
	must(t, s.stdin.Close())
	must(t, s.cmd.Wait())
	return s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
}

// TestLoad puts as many tasks as the flags say and works on them, one page a turn as a crawl with a delay has it. Each
// page comes out once, and each lane is served as often as the others. It says what that takes of the server.
func TestLoad(t *testing.T) {
	n := *loadPending
	for _, c := range []struct {
		name  string
		lanes int // of equal size
		long  int // tasks of one more lane
		delay time.Duration
	}{
		{"many lanes", min(n/10, 20_000), 0, 0},
		{"more lanes than can be asked within their delay", min(n/2, 100_000), 0, time.Second},
		{"a long lane beside short ones", n / 200, n / 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &load{turns: map[string]int{}, done: map[string]bool{}}
			worked := min(n-c.long, *loadWorked) // not the long lane when it is alone
			l.lookAt = worked / 2                // when every lane has tasks left
			lanes := c.lanes + min(c.long, 1)
			var tasks []Task
			for i := range n - c.long {
				tasks = append(tasks, page(fmt.Sprintf("lane-%d.example", i%c.lanes), i))
			}
			for i := range c.long {
				tasks = append(tasks, page("long.example", n-c.long+i))
			}
			s := startLoadServer(t)
			nc, err := nats.Connect(s.url)
			must(t, err)
			defer nc.Close()
			js, err := jetstream.New(nc)
			must(t, err)
			f, err := Open(t.Context(), js, Config{}, nil)
			must(t, err)
			defer f.Close()
			empty := s.megabytes(t)
			for part := range slices.Chunk(tasks, 10_000) {
				if r, err := f.Put(t.Context(), part); err != nil || r.Queued != len(part) {
					t.Fatal(r, err)
				}
			}
			pending := s.megabytes(t)
			l.work(t, f, worked, c.delay)
			after := s.megabytes(t)
			f.Close()
			nc.Close()
			turns := slices.Sorted(maps.Values(l.turns))
			turns = append(make([]int, lanes-len(turns)), turns...) // those of no turn yet
			least, median, most := turns[0], turns[lanes/2], turns[lanes-1]
			// Where no queue forms the order is a matter of chance, and lanes drift apart by some rounds. None starves.
			if most > 2*least+2 {
				t.Errorf("some lanes had %d turns while others had %d", most, least)
			}
			t.Logf("| pending | lanes | worked on | server CPU a page | MB empty | MB pending | MB after | turns a lane: least, median, most |")
			t.Logf("| %d | %d | %d | %.0f µs | %d | %d | %d | %d, %d, %d |", n, lanes, len(l.done),
				float64(s.end(t).Microseconds())/float64(len(l.done)), empty, pending, after, least, median, most)
		})
	}
}

// load is a fleet of workers that do nothing but take turns.
type load struct {
	lookAt int // pages done when the turns are looked at

	mu    sync.Mutex
	turns map[string]int  // by lane, until then
	done  map[string]bool // by page
}

// loadWorkers is enough that the server never waits for one.
const loadWorkers = 16

func (l *load) work(t *testing.T, f *Frontier, pages int, delay time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for range loadWorkers {
		wg.Go(func() {
			for {
				err := l.turn(ctx, f, delay)
				l.mu.Lock()
				enough := len(l.done) >= pages
				l.mu.Unlock()
				switch {
				case enough:
					stop()
					return
				case ctx.Err() != nil:
					return
				case err != nil:
					t.Error(err)
					stop()
					return
				}
			}
		})
	}
	wg.Wait()
}

// turn does one page of the next lane.
func (l *load) turn(ctx context.Context, f *Frontier, delay time.Duration) error {
	turn, err := f.Take(ctx)
	if err != nil {
		return err
	}
	task, err := turn.Next(ctx)
	if errors.Is(err, ErrLaneEmpty) {
		return turn.Retire(ctx)
	}
	if err != nil {
		return err
	}
	if err := turn.Begin(ctx, task, delay, false); err != nil {
		return err
	}
	if err := turn.Pace(ctx, delay); err != nil {
		return err
	}
	if err := turn.Done(ctx, task); err != nil {
		return err
	}
	l.mu.Lock()
	twice := l.done[task.PageID]
	l.done[task.PageID] = true
	if len(l.done) <= l.lookAt {
		l.turns[turn.Lane()]++
	}
	l.mu.Unlock()
	if twice {
		return fmt.Errorf("page %s came out twice", task.PageID)
	}
	return turn.Release(ctx, time.Time{}, 0)
}
