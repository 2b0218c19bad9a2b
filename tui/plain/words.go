package plain

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/tui/chart"
)

// stamp prints an instant in milliseconds, rounded up so that a run until then
// has seen what happened: 7m30.397, 12h00m00.000.
func stamp(t clock.Time) string {
	return ((t + clock.Millisecond - clock.Microsecond) / clock.Millisecond * clock.Millisecond).String()
}

// tight is a space at which no line is broken.
const tight = "\u00a0"

// lasting prints how long something took: 285 ms, 300.285 s, 16m40s.
func lasting(d clock.Duration) string { return strings.ReplaceAll(chart.Lasting(d), " ", tight) }

// counted prints a number with its noun: 1 record, 147,106 records.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return chart.Number(n) + " " + noun + "s"
}

// list joins names as a sentence does; of more than most it names the first
// ones and counts the rest.
func list(names []string, most int) string {
	switch n := len(names); {
	case n == 0:
		return "nobody"
	case n == 1:
		return names[0]
	case n > most:
		return strings.Join(names[:most-1], ", ") + " and " + counted(int64(n-most+1), "other")
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

func names(members []*member) []string {
	n := make([]string, len(members))
	for i, m := range members {
		n[i] = m.conf.Name
	}
	return n
}

// verb gives the singular or the plural form.
func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// partitions prints sorted partitions as people say them: events-0 1 2, or
// events-0 to 11.
func partitions(p []kafka.TopicPartition) string {
	if len(p) == 0 {
		return "nothing"
	}
	var parts []string
	for i := 0; i < len(p); {
		j := i
		for j < len(p) && p[j].Topic == p[i].Topic {
			j++
		}
		parts = append(parts, p[i].Topic+"-"+numbers(p[i:j], 4, " to "))
		i = j
	}
	return list(parts, 3)
}

// numbers prints the numbers of one topic's partitions, those of at least so
// many in a row as a range.
func numbers(p []kafka.TopicPartition, inRow int, to string) string {
	var s []string
	for i := 0; i < len(p); {
		j := i
		for j+1 < len(p) && p[j+1].Partition == p[j].Partition+1 {
			j++
		}
		if j-i+1 >= inRow {
			s = append(s, number(p[i])+to+number(p[j]))
			i = j + 1
			continue
		}
		s = append(s, number(p[i]))
		i++
	}
	return strings.Join(s, " ")
}

func number(tp kafka.TopicPartition) string { return strconv.Itoa(int(tp.Partition)) }

// short prints what a member owns in a cell of that width: the numbers, or how
// many there are.
func short(p []kafka.TopicPartition, width int) string {
	if len(p) == 0 {
		return "none"
	}
	if p[0].Topic == p[len(p)-1].Topic {
		for _, inRow := range []int{4, 3, 2} {
			if s := numbers(p, inRow, "-"); len(s) <= width {
				return s
			}
		}
	}
	return strconv.Itoa(len(p)) + "p"
}
