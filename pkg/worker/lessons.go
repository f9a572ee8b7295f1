package worker

import (
	"github.com/khabar-crawler/khabar/pkg/boilerplate"
	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/spare"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/yield"
)

// lessons are what a site's pages have taught beside its template.
type lessons struct {
	past  *yield.Past  // what became of links
	parts *spare.Parts // which parts of addresses change nothing
	habit *look.Habit  // how the site edits its articles
}

func newLessons() lessons {
	return lessons{past: yield.NewPast(), parts: &spare.Parts{}, habit: &look.Habit{}}
}

// lessonsOf gives what a stored profile says. What cannot be read is not known.
func lessonsOf(p store.Profile) lessons {
	return lessons{past: Past(p), parts: Spare(p), habit: habitOf(p)}
}

// add adds what was learned after.
func (l lessons) add(later lessons) {
	l.past.Add(later.past)
	l.parts.Add(later.parts)
	l.habit.Add(later.habit)
}

func (l lessons) isEmpty() bool {
	return l.past.Len() == 0 && l.parts.Len() == 0 && *l.habit == look.Habit{}
}

// learned is what the data of a stored profile is: one document, by several learners.
type learned struct {
	boilerplate.State `bson:",inline"`
	Forms             []yield.State `bson:"forms,omitempty"`
	Blocks            []yield.State `bson:"blocks,omitempty"`
	Parts             []spare.Part  `bson:"parts,omitempty"`
	Sightings         []byte        `bson:"sightings,omitempty"`
	Habit             *look.Habit   `bson:"habit,omitempty"`
}

// stored is what is stored of the lessons and of what is known of the site's template.
func (l lessons) stored(p *boilerplate.Profile) learned {
	return learned{
		State: p.State(), Forms: l.past.Forms.States(), Blocks: l.past.Blocks.States(),
		Parts: l.parts.Of(), Sightings: l.parts.Sightings(), Habit: l.habit,
	}
}

// Past gives what a stored profile says of what became of the site's links. What cannot be read is not known.
func Past(p store.Profile) *yield.Past {
	var data struct {
		Forms  []yield.State `bson:"forms"`
		Blocks []yield.State `bson:"blocks"`
	}
	if len(p.Data) == 0 || p.Decode(&data) != nil {
		return yield.NewPast()
	}
	return &yield.Past{Forms: yield.Restore(data.Forms), Blocks: yield.Restore(data.Blocks)}
}
