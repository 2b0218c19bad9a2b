package model

import (
	"strings"

	"ksim/sim/clock"
)

// Chapter is a part of what a scenario tells.
type Chapter struct {
	Title string
	At    clock.Time
	Seq   uint64
}

// Chapters are those of the run so far: where the narration names any, these; else
// each thing that is said begins one.
func (r *Run) Chapters() []Chapter {
	named := false
	for i := range r.Scenario().Narration {
		named = named || r.Scenario().Narration[i].Chapter != ""
	}
	chapters := []Chapter{{Title: "The start"}}
	for i := range r.said {
		x := &r.said[i]
		title := strings.TrimSpace(x.Chapter)
		if !named && x.Heard() && !x.Elsewhere {
			title = FirstSentence(x.Say + " " + x.Ask)
		}
		if title != "" {
			chapters = append(chapters, Chapter{title, x.At, x.Seq})
		}
	}
	return chapters
}

// FirstSentence is how a text begins.
func FirstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for i, c := range text {
		if (c == '.' || c == '?' || c == '!') && (i+1 == len(text) || text[i+1] == ' ') {
			return text[:i+1]
		}
	}
	return text
}

// Before tells whether a moment lies behind the beginning of the chapter, or at it.
func (c *Chapter) Before(seq uint64, at clock.Time) bool {
	return c.Seq < seq || c.Seq == seq && c.At <= at
}
