package frontier

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
)

// A lane holds so many tasks of a priority and no more; what is over is named, and goes in as the lane drains.
func TestLaneIsBounded(t *testing.T) {
	for _, shards := range []int{1, 3} {
		f := startServer(t).open(t, Config{AckWait: hour.AckWait, LanePending: 3, Shards: shards})
		var archive, tasks []Task
		for i := range 4 {
			old := page("a.example", 10+i)
			old.Priority = Priorities - 1
			archive = append(archive, old)
		}
		if r := mustPut(t, f, archive...); !reflect.DeepEqual(r, PutReport{Queued: 3, Over: []string{"p-13"}}) {
			t.Fatalf("an archive: %+v", r)
		}
		wantRoom(t, f, "a.example", 3, 3, 3, 3, 3, 0)
		for i := range 6 {
			tasks = append(tasks, page("a.example", i))
		}
		tasks[5].Priority = 0 // a section
		other := page("b.example", 7)
		if r := mustPut(t, f, append(tasks, other)...); !reflect.DeepEqual(r, PutReport{Queued: 5, Over: []string{"p-3", "p-4"}}) {
			t.Fatalf("news beside an archive that fills its room: %+v", r)
		}
		// What is pending already is not over, and takes no place from what is not.
		if r := mustPut(t, f, tasks...); !reflect.DeepEqual(r, PutReport{AlreadyPending: 4, Over: []string{"p-3", "p-4"}}) {
			t.Fatalf("again: %+v", r)
		}
		wantDepth(t, f, Depth{Tasks: 8, Lanes: 2})
		wantRoom(t, f, "a.example", 0, 3, 3, 3, 3, 0)
		turn := mustTake(t, f)
		for turn.Lane() != "a.example" {
			turn = mustTake(t, f)
		}
		for _, want := range []string{"p-5", "p-0"} {
			task := mustNext(t, turn)
			if task.PageID != want {
				t.Fatalf("next is %s, want %s", task.PageID, want)
			}
			finish(t, turn, task)
		}
		if r := mustPut(t, f, tasks...); !reflect.DeepEqual(r, PutReport{Queued: 2, AlreadyPending: 2, Over: []string{"p-3", "p-4"}}) {
			t.Fatalf("after two were done: %+v", r) // the section, and p-0
		}
		section := page("a.example", 8)
		section.Priority = 0
		if r := mustPut(t, f, section); !reflect.DeepEqual(r, PutReport{Queued: 1}) {
			t.Fatalf("a section of a lane that is full: %+v", r)
		}
	}
}

// wantRoom checks how much room a lane has for the priorities from 1 on.
func wantRoom(t *testing.T, f *Frontier, lane string, want ...int) {
	t.Helper()
	rooms, err := f.Room(soon(t), []string{"elsewhere.example", lane, ""})
	must(t, err)
	if rooms[2] != (Room{}) || !slices.Equal(rooms[1][:], append([]int{math.MaxInt}, want...)) || rooms[0][1] != f.LanePending() {
		t.Fatalf("room %v, want %v", rooms, want)
	}
}

// Many at once, of which a part is pending: the places of those are for the others.
func TestRoomIsUsedUp(t *testing.T) {
	f := startServer(t).open(t, Config{AckWait: hour.AckWait, LanePending: putChunk + 10})
	var tasks []Task
	for i := range 2*putChunk + 5 {
		tasks = append(tasks, page(fmt.Sprintf("%d.example", i%2), i))
	}
	first := tasks[:100]
	mustPut(t, f, first...)
	if r := mustPut(t, f, tasks...); r.Queued != len(tasks)-100 || r.AlreadyPending != 100 || r.Over != nil {
		t.Fatalf("%d queued, %d pending, %d over", r.Queued, r.AlreadyPending, len(r.Over))
	}
	var late []Task
	for i := range 50 {
		late = append(late, page("0.example", 10_000+i))
	}
	// 1,027 of the even ones are there: 7 more go in, after those that are there already.
	if r := mustPut(t, f, append(tasks[:40:40], late...)...); r.Queued != 7 || r.AlreadyPending != 40 || len(r.Over) != 43 || r.Over[0] != late[7].PageID {
		t.Fatalf("%+v", r)
	}
}

// What is withdrawn can be put at another priority, and nothing else goes with it.
func TestWithdraw(t *testing.T) {
	f := startServer(t).open(t, hour)
	var past []Task
	for i := range 3 {
		old := page("a.example", i)
		old.Priority = Priorities - 1
		past = append(past, old)
	}
	mustPut(t, f, past...)
	news, unknown := page("a.example", 1), page("a.example", 9)
	if r := mustPut(t, f, news); r.AlreadyPending != 1 {
		t.Fatalf("while it is pending: %+v", r)
	}
	must(t, f.Withdraw(soon(t), []Task{news, unknown}))
	wantDepth(t, f, Depth{Tasks: 2, Lanes: 1})
	mustPut(t, f, news)
	must(t, f.Withdraw(soon(t), []Task{news})) // it stands where it should
	turn := mustTake(t, f)
	for _, want := range []string{"p-1", "p-0", "p-2"} {
		task := mustNext(t, turn)
		if task.PageID != want {
			t.Fatalf("next is %s, want %s", task.PageID, want)
		}
		finish(t, turn, task)
	}
	bad := page("a.example", 1)
	bad.Priority = Priorities
	if err := f.Withdraw(soon(t), []Task{bad}); !errors.Is(err, ErrInvalidTask) {
		t.Errorf("no priority: %v", err)
	}
}
