// Package suite finds scenario files, runs them and judges what they expect: what
// `ksim test` and the package ksimtest have in common. It runs scenarios side by
// side, which nothing under sim/ may do; each run is a world of its own, so the
// results are the same however many there are at a time.
package suite
