package sim

import (
	"strconv"
	"strings"

	"ksim/sim/broker"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
	"ksim/sim/share"
)

// shareConfig is what brokers read of a share group's configuration.
func shareConfig(v kafka.Version, s config.Set) broker.ShareConfig {
	c := broker.ShareConfig{Settings: share.Settings{
		DeliveryLimit:  int(s.Int("share.delivery.count.limit")),
		LockDuration:   s.Millis("share.record.lock.duration.ms"),
		MaxInFlight:    s.Int("share.partition.max.record.locks"),
		UncountsClosed: v < kafka.V(4, 2, 0),
	}}
	switch reset := s.String("share.auto.offset.reset"); reset {
	case "earliest":
		c.Reset = broker.ResetEarliest
	case "latest":
	default:
		c.Reset, c.Ago = broker.ResetAgo, isoDuration(strings.TrimPrefix(reset, "by_duration:"))
	}
	return c
}

// isoDuration reads what java.time.Duration prints: PnDTnHnMn.nS. It has been checked
// when the file was read.
func isoDuration(text string) (d clock.Duration) {
	units := map[byte]clock.Duration{'D': 24 * clock.Hour, 'H': clock.Hour, 'M': clock.Minute, 'S': clock.Second}
	digits := ""
	for i := range len(text) {
		b := text[i]
		if unit, ok := units[b&^0x20]; ok {
			whole, fraction, _ := strings.Cut(digits, ".")
			n, _ := strconv.ParseInt(whole, 10, 64)
			micros, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
			d += clock.Duration(n)*unit + clock.Duration(micros)
		}
		if b >= '0' && b <= '9' || b == '.' {
			digits += string(b)
		} else {
			digits = ""
		}
	}
	return d
}
