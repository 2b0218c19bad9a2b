package figures

import "slices"

// Distribution is a figure over many runs.
type Distribution struct {
	Runs   int     // all of them, also those without a value
	sorted []int64 // the values
}

// NewDistribution sorts values; None is left out.
func NewDistribution(values []int64) Distribution {
	d := Distribution{Runs: len(values)}
	for _, v := range values {
		if v != None {
			d.sorted = append(d.sorted, v)
		}
	}
	slices.Sort(d.sorted)
	return d
}

// Count is how many runs have a value.
func (d *Distribution) Count() int { return len(d.sorted) }

// Percentile is the least value that so many percent of the values do not exceed
// (nearest rank); 0 is the least value. Without values it is None.
func (d *Distribution) Percentile(percent int) int64 {
	n := len(d.sorted)
	if n == 0 {
		return None
	}
	rank := (n*percent + 99) / 100
	return d.sorted[max(rank, 1)-1]
}

// Constant tells whether all values are the same, or there is none.
func (d *Distribution) Constant() bool {
	return len(d.sorted) == 0 || d.sorted[0] == d.sorted[len(d.sorted)-1]
}

// Bin is one bar of a histogram: the values from From up to and with To.
type Bin struct {
	From, To int64
	Runs     int
}

// Bins sorts the values into at most so many bins: one a value where there are few,
// else of one width, which is a round number of units.
func (d *Distribution) Bins(most int, unit int64) []Bin {
	if len(d.sorted) == 0 {
		return nil
	}
	distinct := slices.Compact(slices.Clone(d.sorted))
	if len(distinct) <= most {
		bins := make([]Bin, len(distinct))
		for i, v := range distinct {
			bins[i] = Bin{v, v, d.between(v, v)}
		}
		return bins
	}
	least, greatest := d.sorted[0], d.sorted[len(d.sorted)-1]
	width := unit
	for (greatest/width - least/width + 1) > int64(most) {
		width = wider(width, unit)
	}
	var bins []Bin
	for from := least / width * width; from <= greatest; from += width {
		bins = append(bins, Bin{from, from + width - 1, d.between(from, from+width-1)})
	}
	return bins
}

// wider is the next round width: 1, 2, 5, 10, 20, 50, … units.
func wider(width, unit int64) int64 {
	power := unit
	for power*10 <= width {
		power *= 10
	}
	switch width / power {
	case 1:
		return 2 * power
	case 2:
		return 5 * power
	}
	return 10 * power
}

func (d *Distribution) between(from, to int64) int {
	first, _ := slices.BinarySearch(d.sorted, from)
	end, _ := slices.BinarySearch(d.sorted, to+1)
	return end - first
}
