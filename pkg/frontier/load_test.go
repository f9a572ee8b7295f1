//go:build unix

package frontier

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats-server/v2/server/pse"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sys/unix"
)

var (
	loadPending = flag.Int("load.pending", 2000, "tasks that TestLoad has pending")
	loadWorked  = flag.Int("load.worked", 200_000, "how many of these are worked on at most")
)

// loadDirVariable has TestLoadServer be a nats-server over a directory: only a process of its own has CPU time and memory
// of its own.
const loadDirVariable = "KHABAR_FRONTIER_TEST_SERVER"

// TestLoadServer is that server. It says where it listens, and then, for each line that it reads, what it has taken so far.
// It ends with its standard input.
func TestLoadServer(t *testing.T) {
	dir := os.Getenv(loadDirVariable)
	if dir == "" {
		t.Skip("TestLoad runs it")
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir,
	})
	must(t, err)
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("nats-server is not ready")
	}
	fmt.Println(s.ClientURL())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var u unix.Rusage
		must(t, unix.Getrusage(unix.RUSAGE_SELF, &u))
		var percent float64
		var resident, virtual int64
		must(t, pse.ProcUsage(&percent, &resident, &virtual))
		fmt.Println(u.Utime.Nano()+u.Stime.Nano(), resident)
	}
}

// loadServer is such a process.
type loadServer struct {
	url    string
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

func startLoadServer(t *testing.T) *loadServer {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self, "-test.run=^TestLoadServer$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), loadDirVariable+"="+t.TempDir())
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close() // that ends it
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("nats-server: %v", err)
		}
	})
	s := &loadServer{stdin: stdin, stdout: bufio.NewReader(stdout)}
	_, err = fmt.Fscanln(s.stdout, &s.url)
	must(t, err)
	return s
}

// usage is the CPU time that the server has taken, and the memory that it has resident, in MB.
func (s *loadServer) usage(t *testing.T) (cpu time.Duration, megabytes int64) {
	t.Helper()
	_, err := fmt.Fprintln(s.stdin)
	must(t, err)
	_, err = fmt.Fscanln(s.stdout, &cpu, &megabytes)
	must(t, err)
	return cpu, megabytes >> 20
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
			nc, err := nats.Connect(s.url, nats.Timeout(time.Minute))
			must(t, err)
			defer nc.Close()
			js, err := jetstream.New(nc)
			must(t, err)
			f, err := Open(t.Context(), js, Config{}, nil)
			must(t, err)
			defer f.Close()
			atFirst, empty := s.usage(t)
			for part := range slices.Chunk(tasks, 10_000) {
				if r, err := f.Put(t.Context(), part); err != nil || r.Queued != len(part) {
					t.Fatal(r, err)
				}
			}
			put, pending := s.usage(t)
			l.work(t, f, worked, c.delay)
			done, after := s.usage(t)
			f.Close()
			nc.Close()
			turns := slices.Sorted(maps.Values(l.turns))
			turns = append(make([]int, lanes-len(turns)), turns...) // those of no turn yet
			least, median, most := turns[0], turns[lanes/2], turns[lanes-1]
			// Where no queue forms the order is a matter of chance, and lanes drift apart by some rounds. None starves.
			if most > 2*least+2 {
				t.Errorf("some lanes had %d turns while others had %d", most, least)
			}
			each := func(d time.Duration, n int) float64 { return float64(d.Microseconds()) / float64(n) }
			t.Logf("| pending | lanes | worked on | µs of server CPU to put one | to work on one | MB empty | pending | after | turns a lane: least, median, most |")
			t.Logf("| %d | %d | %d | %.0f | %.0f | %d | %d | %d | %d, %d, %d |", n, lanes, len(l.done),
				each(put-atFirst, n), each(done-put, len(l.done)), empty, pending, after, least, median, most)
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
