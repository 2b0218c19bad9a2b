package model

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/tui/plain"
)

// ClockText is an instant in milliseconds, rounded up as in the text output: a run
// until then has seen what happened.
func ClockText(t clock.Time) string {
	return ((t + clock.Millisecond - clock.Microsecond) / clock.Millisecond * clock.Millisecond).String()
}

// PartitionsText is partitions as people say them: events-0 1 2, events-0-11.
func PartitionsText(all []kafka.TopicPartition) string {
	if len(all) == 0 {
		return "nothing"
	}
	var b strings.Builder
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1].Topic == all[i].Topic && all[j+1].Partition == all[j].Partition+1 {
			j++
		}
		switch {
		case i == 0 || all[i-1].Topic != all[i].Topic:
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(all[i].Topic + "-")
		default:
			b.WriteString(" ")
		}
		b.WriteString(strconv.Itoa(int(all[i].Partition)))
		if j-i >= 3 {
			b.WriteString("–" + strconv.Itoa(int(all[j].Partition)))
			i = j + 1
			continue
		}
		i++
	}
	return b.String()
}

// SizeText is bytes as people say them: 10.0 MB.
func SizeText(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.size {
			return strconv.FormatInt(n/u.size, 10) + "." + strconv.FormatInt(n%u.size*10/u.size, 10) + " " + u.name
		}
	}
	return strconv.FormatInt(n, 10) + " B"
}

// Unfold joins the lines of each paragraph.
func Unfold(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	return strings.Join(paragraphs, "\n\n")
}

// Unmarked is plain.Unmarked: a story without Markdown's stars.
func Unmarked(story string) string { return plain.Unmarked(story) }

// Sign is how a tone shows without colour.
func (t Tone) Sign() string { return [...]string{" ", "↻", "✓", "!", "✗"}[t] }

// String names a tone.
func (t Tone) String() string {
	return [...]string{"plain", "rebalance", "good", "warning", "trouble"}[t]
}
