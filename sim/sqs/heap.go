package sqs

// heap is a binary heap, the least element first.
type heap[T ordered[T]] []T

// ordered is what can be put in order.
type ordered[T any] interface{ before(T) bool }

// place is the place of a message in its queue.
type place int

func (p place) before(other place) bool { return p < other }

func (h *heap[T]) push(x T) {
	*h = append(*h, x)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if !s[i].before(s[up]) {
			return
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

// pop takes out the least element; there must be one.
func (h *heap[T]) pop() T {
	s := *h
	least, last := s[0], len(s)-1
	s[0] = s[last]
	s = s[:last]
	*h = s
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			return least
		}
		if down+1 < last && s[down+1].before(s[down]) {
			down++
		}
		if !s[down].before(s[i]) {
			return least
		}
		s[i], s[down] = s[down], s[i]
		i = down
	}
}
