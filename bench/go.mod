module ksim/bench

go 1.26.0

require (
	github.com/fschuetz04/simgo v0.7.0
	ksim v0.0.0
)

replace ksim => ../
