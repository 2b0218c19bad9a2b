package scenario

import "ksim/sim/kafka"

// notYet are the names of the contract that this version of ksim does not run.
// They are checked like all others and then refused, each at its place. To
// bring one in, delete its row.
//
// A row is OBJECT.KEY, OBJECT.KEY=VALUE (with the objects of keys.go),
// client=PROFILE, event=TYPE or PROPERTY=VALUE in lower case.
var notYet = map[string]bool{
	"expect-lag.member":  true,
	"expect-lost.member": true,
}

// oldestRun is the oldest version of each client that ksim runs as itself: older
// ones differ in ways that are not modelled yet.
var oldestRun = map[string]kafka.Version{
	"kafkajs":      kafka.V(2, 2, 0),
	"franz-go":     kafka.V(1, 22, 0),
	"sarama":       kafka.V(1, 60, 0),
	"kafka-python": kafka.V(2, 0, 0),
	"aiokafka":     kafka.V(0, 8, 0),
}

// unsupported reports a feature that is in notYet, called what in the message.
func (l *loader) unsupported(p place, feature, what string) bool {
	if !notYet[feature] {
		return false
	}
	l.errorAt(p, "", "%s is not yet supported", what)
	return true
}
