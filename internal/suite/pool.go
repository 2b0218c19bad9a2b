package suite

import (
	"sync"
	"sync/atomic"
)

// Each does n pieces of work, so many at a time, and hands over the results in
// order, on the caller's goroutine; when take gives false no new work is begun and
// what is done is dropped. A panic in work comes up in the caller.
func Each[T any](n, atATime int, work func(i int) T, take func(i int, result T) bool) {
	type done struct {
		result T
		panics any
	}
	results := make([]chan done, n)
	for i := range results {
		results[i] = make(chan done, 1)
	}
	one := func(i int) (d done) {
		defer func() { d.panics = recover() }()
		d.result = work(i)
		return d
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(max(1, atATime), n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				results[i] <- one(i)
			}
		})
	}
	defer workers.Wait()
	for i, c := range results {
		d := <-c
		if d.panics != nil {
			next.Store(int64(n))
			panic(d.panics)
		}
		if !take(i, d.result) {
			next.Store(int64(n))
			return
		}
	}
}
