package main

import "fmt"

// goal is a bound on how many times the cost of one figure another one has.
type goal struct {
	name        string
	what, times string // figures
	most, least float64
}

// goals are those of the performance study; those without a name are for
// interest.
var goals = []goal{
	{name: "E1", what: "queue W1 N=10000", times: "wheel W1 N=10000", most: 1.25},
	{name: "E1", what: "queue W1 N=100000", times: "wheel W1 N=100000", most: 1.25},
	{name: "E2", what: "container/heap W1 N=10000", times: "queue W1 N=10000", least: 12},
	{name: "E2", what: "simgo W1 N=10000", times: "queue W1 N=10000", least: 60},
	{name: "E2", what: "SimPy W1 N=10000", times: "queue W1 N=10000", least: 150},
	{name: "E3", what: "queue W1 N=100000", times: "queue W1 N=10000", most: 1.5},
	{name: "E4", what: "queue W1 N=10000", times: "C++ limit W1 N=10000", most: 3},
	{name: "E4", what: "queue W1 N=100000", times: "C++ limit W1 N=100000", most: 3},
	{name: "E6", what: "queue W2 N=1000000", times: "queue W2 N=1000", most: 1.3},
	{what: "synctest W1 N=10000", times: "queue W1 N=10000"},
	{what: "iter.Pull W3", times: "queue W3"},
}

// lean are the figures that goal E5 wants without allocations.
var lean = []string{"queue W1 N=10000", "queue W1 N=100000", "queue W2 N=1000", "queue W2 N=1000000", "queue W3"}

// report prints the goals and tells whether all that could be measured hold.
func report(results map[string][]result) bool {
	hold := true
	verdict := func(ok bool) string {
		if !ok {
			hold = false
			return "MISSED"
		}
		return "ok"
	}
	fmt.Printf("%-4s %-27s %-24s %9s %8s\n", "goal", "cost of", "in units of", "ratio", "wanted")
	for _, g := range goals {
		ratio, ok := ratioOf(results[g.what], results[g.times])
		row := fmt.Sprintf("%-4s %-27s %-24s", g.name, g.what, g.times)
		switch {
		case !ok:
			fmt.Println(row, "  skipped: tools are missing")
		case g.most > 0:
			fmt.Printf("%s %9.2f  ≤ %5.2f %s\n", row, ratio, g.most, verdict(ratio <= g.most))
		case g.least > 0:
			fmt.Printf("%s %9.1f  ≥ %5.0f %s\n", row, ratio, g.least, verdict(ratio >= g.least))
		default:
			fmt.Printf("%s %9.1f\n", row, ratio)
		}
	}
	for _, name := range lean {
		var allocations []float64
		for _, r := range results[name] {
			allocations = append(allocations, r.allocations)
		}
		// Reading the statistics may allocate a few times itself.
		m := median(allocations)
		fmt.Printf("%-4s %-27s %-24s %9.5f  = %5d %s\n", "E5", name, "allocations per event", m, 0, verdict(m < 1e-4))
	}
	return hold
}

// ratioOf is the median of the rounds' ratios.
func ratioOf(what, times []result) (float64, bool) {
	var ratios []float64
	for i := range min(len(what), len(times)) {
		ratios = append(ratios, what[i].nanoseconds/times[i].nanoseconds)
	}
	if len(ratios) == 0 {
		return 0, false
	}
	return median(ratios), true
}
