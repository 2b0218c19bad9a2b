package clock

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ksim/internal/golden"
)

// draws takes n durations, sorted, in microseconds.
func draws(d Dist, n int) []float64 {
	s, turn := NewStream(1, "test", fmt.Sprint(d)), 0
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(d.Draw(&s, &turn))
	}
	slices.Sort(v)
	return v
}

func moments(v []float64) (mean, deviation float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		deviation += (x - mean) * (x - mean) / float64(len(v))
	}
	return mean, math.Sqrt(deviation)
}

// normalBelow is the distribution function of the standard normal distribution.
func normalBelow(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// What is drawn has the distribution that is named: the largest distance from
// its distribution function is what chance allows (Kolmogorov and Smirnov; the
// bound is exceeded once in 10⁷ streams).
func TestDrawDistributions(t *testing.T) {
	const n = 200_000
	const mean = float64(120 * Millisecond)
	for _, c := range []struct {
		d     Dist
		below func(x float64) float64
	}{
		{Dist{Kind: Normal, A: 120 * Millisecond, B: 20 * Millisecond},
			func(x float64) float64 { return normalBelow((x - mean) / float64(20*Millisecond)) }},
		{Dist{Kind: Uniform, A: 50 * Millisecond, B: 90 * Millisecond},
			func(x float64) float64 { return (x - float64(50*Millisecond)) / float64(40*Millisecond) }},
		{Dist{Kind: Exponential, A: 120 * Millisecond},
			func(x float64) float64 { return -math.Expm1(-x / mean) }},
		{Dist{Kind: Lognormal, A: 80 * Millisecond, B: 2 * Second},
			func(x float64) float64 {
				return normalBelow(math.Log(x/float64(80*Millisecond)) / math.Log(25) * 2.3263478740408411)
			}},
	} {
		worst := 0.0
		for i, x := range draws(c.d, n) {
			// A draw is rounded down: it stands for half a microsecond more.
			worst = max(worst, math.Abs(c.below(x+0.5)-(float64(i)+0.5)/n))
		}
		if bound := 2.9 / math.Sqrt(n); worst > bound {
			t.Errorf("%v: off by %.5f, more than %.5f", c.d, worst, bound)
		}
	}
}

// Mean and deviation, which the tails weigh in, are those of the parameters.
func TestDrawMoments(t *testing.T) {
	near := func(d Dist, what string, got, want, tolerance float64) {
		if math.Abs(got/want-1) > tolerance {
			t.Errorf("%v: %s %.0f, want %.0f", d, what, got, want)
		}
	}
	const n = 200_000
	d := Dist{Kind: Normal, A: 500 * Millisecond, B: 20 * Millisecond}
	mean, deviation := moments(draws(d, n))
	near(d, "mean", mean, 500e3, 0.001)
	near(d, "deviation", deviation, 20e3, 0.01)

	d = Dist{Kind: Exponential, A: 120 * Millisecond}
	mean, deviation = moments(draws(d, n))
	near(d, "mean", mean, 120e3, 0.01)
	near(d, "deviation", deviation, 120e3, 0.02)

	d = Dist{Kind: Lognormal, A: 80 * Millisecond, B: 2 * Second}
	v := draws(d, n)
	near(d, "p50", v[n/2], 80e3, 0.02)
	near(d, "p99", v[n*99/100], 2000e3, 0.05)
}

// No draw is negative or above MaxTime, whatever the parameters.
func TestDrawLimits(t *testing.T) {
	s, turn := NewStream(1, "test", "limits"), 0
	for _, d := range []Dist{
		{},
		{Kind: Normal},
		{Kind: Normal, A: 10 * Millisecond, B: Second},
		{Kind: Normal, A: MaxTime, B: MaxTime},
		{Kind: Uniform},
		{Kind: Uniform, B: MaxTime},
		{Kind: Exponential},
		{Kind: Exponential, A: MaxTime},
		{Kind: Lognormal},
		{Kind: Lognormal, A: 1, B: MaxTime},
		{Kind: Lognormal, A: MaxTime, B: MaxTime},
		{Kind: Sequence, Values: []Duration{0, MaxTime}},
	} {
		for range 10_000 {
			if v := d.Draw(&s, &turn); v < 0 || v > MaxTime {
				t.Fatalf("%v: %d", d, v)
			}
		}
	}
}

// Parameters without spread give the same every time, as far as the form can.
func TestDrawWithoutSpread(t *testing.T) {
	s, turn := NewStream(1, "test", "no spread"), 0
	for _, d := range []Dist{
		Fixed(7 * Millisecond),
		{Kind: Normal, A: 7 * Millisecond},
		{Kind: Uniform, A: 7 * Millisecond, B: 7 * Millisecond},
		{Kind: Lognormal, A: 7 * Millisecond, B: 7 * Millisecond},
		{Kind: Sequence, Values: []Duration{7 * Millisecond}},
	} {
		for range 100 {
			if v := d.Draw(&s, &turn); v != 7*Millisecond {
				t.Fatalf("%v: %v", d, v)
			}
		}
	}
}

// The fixed-point functions against those of package math: this is where the
// accuracy that Draw promises comes from.
func TestFixedPoint(t *testing.T) {
	s := NewStream(1, "test", "fixed point")
	for range 100_000 {
		x := s.Uint64()>>s.Below(64) | 1
		if got, want := float64(log2(x))/(1<<logBits), math.Log2(float64(x)); math.Abs(got-want) > 1e-9 {
			t.Fatalf("log2(%d) = %.12f, want %.12f", x, got, want)
		}
		f := s.Below(1 << logBits)
		if got, want := float64(exp2(f))/(1<<62), math.Exp2(float64(f)/(1<<logBits)); math.Abs(got-want) > 1e-12 {
			t.Fatalf("exp2(%d) = %.15f, want %.15f", f, got, want)
		}
		if r := sqrt(x); r*r > x || r < 1<<32-1 && (r+1)*(r+1) <= x {
			t.Fatalf("sqrt(%d) = %d", x, r)
		}
	}
}

// A deviate is what the polar method gives in floating point.
func TestDeviate(t *testing.T) {
	s := NewStream(1, "test", "deviate")
	for range 100_000 {
		twin := s
		size, negative := deviate(&s)
		for twin != s {
			draw := twin.Uint64()
			if twin != s {
				continue // a point outside the circle
			}
			x, y := float64(int32(draw>>32))/(1<<31), float64(int32(draw))/(1<<31)
			r := x*x + y*y
			got, want := float64(size)/(1<<deviateBits), x*math.Sqrt(-2*math.Log(r)/r)
			if math.Abs(got-math.Abs(want)) > 1e-6 || negative != (x < 0) {
				t.Fatalf("%.9f (negative: %v), want %.9f", got, negative, want)
			}
		}
	}
}

// The first draws of every form stay what they are, on every machine: a change
// here changes every run that draws.
func TestDrawGolden(t *testing.T) {
	var b strings.Builder
	for _, d := range []Dist{
		{Kind: Constant, A: 5 * Millisecond},
		{Kind: Normal, A: 120 * Millisecond, B: 20 * Millisecond},
		{Kind: Uniform, A: 50 * Millisecond, B: 90 * Millisecond},
		{Kind: Exponential, A: 120 * Millisecond},
		{Kind: Lognormal, A: 80 * Millisecond, B: 2 * Second},
		{Kind: Sequence, Values: []Duration{1, 2, 3}},
	} {
		s, turn := NewStream(42, "processors-1", "handler"), 0
		fmt.Fprintf(&b, "kind %d, %v, %v, %v:", d.Kind, d.A, d.B, d.Values)
		for range 8 {
			fmt.Fprintf(&b, " %v", d.Draw(&s, &turn))
		}
		b.WriteByte('\n')
	}
	golden.File(t, filepath.Join("testdata", "draws.txt"), b.String())
}
