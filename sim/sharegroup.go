package sim

import (
	"strconv"
	"strings"

	"ksim/sim/broker"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/group"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
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

// shardConfig is what the coordinators of a cluster read of its configuration. What a
// share group asks of the share coordinator takes as long as both their appends and
// the way there and back.
func shardConfig(c *scenario.Cluster) group.Config {
	cfg := groupConfig(c.Version, c.Config)
	cfg.ShareInitialization = max(0, c.Config.Millis("group.coordinator.append.linger.ms")) + max(0, c.Config.Millis("share.coordinator.append.linger.ms")) + 2*c.Latency
	return cfg
}

// parting is a member of a share group whose process has ended.
type parting struct{ group, member string }

// part lets the brokers know that a process has ended: the operating system closes its
// connections, and with them end its share sessions. Of a process that is isolated
// they hear nothing.
func (p *process) part() {
	m, ok := p.consumer.(interface{ ShareMember() string })
	if !ok || p.isolation.now {
		return
	}
	w := p.w
	w.partings = append(w.partings, parting{w.groups[p.group].id, m.ShareMember()})
	w.queue.Schedule(w.Now()+w.scenario.Cluster.Latency, clock.ClassMessage, clock.NewEvent(evParted, 0, uint32(len(w.partings)-1)))
}

// parted is when the brokers hear of it.
func (w *World) parted(i uint32) {
	w.cluster.ShareDisconnected((*brokerPort)(w), w.Now(), w.partings[i].group, w.partings[i].member)
}
