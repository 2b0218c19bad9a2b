package diag

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Nearest gives the name that is closest to what was written, and "" when none
// is close: the fewest insertions, deletions, replacements and swaps of
// neighbours, at most a third of the word's length (at least one, but not the
// whole word, and no more than mostChanges), case and the separators - _ . not counted. The first of equally close names wins.
func Nearest(word string, names []string) string {
	best, bestName := min(max(1, (len(word)+1)/3)+1, len(word), mostChanges+1), ""
	folded := fold(word)
	for _, name := range names {
		if abs(len(name)-len(word)) >= best {
			continue
		}
		if d := distance(folded, fold(name)); d < best {
			best, bestName = d, name
		}
	}
	return bestName
}

// mostChanges is how far a long name may be from what was written.
const mostChanges = 6

// DidYouMean is the hint that goes with Nearest, "" when no name is close.
func DidYouMean(word string, names []string) string {
	if n := Nearest(word, names); n != "" {
		return "did you mean " + strconv.Quote(n) + "?"
	}
	return ""
}

// shownBeside is how many expected names are listed when the nearest one is
// named too, shownAlone how many when none is near.
const (
	shownBeside = 3
	shownAlone  = 20
)

// Expected says which names are valid in place of word, and the hint that names
// the nearest. The list is short when there is a hint.
func Expected(word string, names []string) (expected, hint string) {
	hint = DidYouMean(word, names)
	if len(names) == 0 {
		return "there is none", ""
	}
	if len(names) == 1 {
		return "expected " + names[0], hint
	}
	limit := shownAlone
	if hint != "" {
		limit = shownBeside
	}
	shown := names[:min(limit, len(names))]
	expected = "expected one of " + strings.Join(shown, ", ")
	if len(shown) < len(names) {
		expected += ", …"
	}
	return expected, hint
}

// fold removes what people mix up without meaning another name.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '.' || r == ' ' {
			return '-'
		}
		return r
	}, strings.ToLower(s))
}

// distance is the optimal string alignment distance in bytes.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func abs(n int) int { return max(n, -n) }

// Sort puts the findings of one file in the order of their places; those of
// one place keep the order in which they were found.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(a.Pos.Line-b.Pos.Line, a.Pos.Col-b.Pos.Col)
	})
}
