package txn

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// producer is what a client of the property test believes about itself.
type producer struct {
	kafka.Producing
	fenced bool // another one has been given its transactional id since
}

// prober is a host that keeps the latest answer.
type prober struct {
	world
	init *kafka.InitProducerIDResponse
	end  *kafka.EndTxnResponse
}

func (p *prober) Reply(_ kafka.RequestID, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.InitProducerIDResponse:
		p.init = r
	case *kafka.EndTxnResponse:
		p.end = r
	}
}

func (p *prober) Emit(Event)              {}
func (p *prober) Decided(kafka.RequestID) {}
func (p *prober) WriteMarkers(Markers)    {}

// pass lets time pass until the timer of the one transactional id has fired, if it
// is due by then.
func (p *prober) pass(d clock.Duration) {
	until := p.now + d
	for len(p.timers) > 0 && p.timers[0] != 0 && p.timers[0] <= until {
		at := p.timers[0]
		p.now, p.timers[0] = max(p.now, at), 0
		p.c.Fire(p, p.now, 0)
	}
	p.now = until
}

// TestEpochsNearTheirEnd lets producers of one transactional id begin, end, time out
// and replace each other while its epochs run out: no epoch leaves 0 … 32767 and no
// producer is given the last one but by a fault that Kafka has too; who is given an
// id and an epoch is the only one to have them, and goes on without being fenced;
// and who has been replaced can never again begin a transaction, or end one.
func TestEpochsNearTheirEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version2, rotate := rapid.Bool().Draw(t, "broker 4"), rapid.Bool().Draw(t, "broker 4.3")
		p := &prober{world: *newWorld(version2, rotate && version2)}
		clientVersion2 := rapid.Bool().Draw(t, "client 4")
		given := map[string]int{}
		var clients []*producer
		give := func(x *producer, id int64, epoch int16) {
			key := fmt.Sprint(id, ".", epoch)
			given[key]++
			if epoch < 0 || epoch > lastEpoch || given[key] > 1 {
				t.Fatalf("a producer was given %s, %d times", key, given[key])
			}
			x.ProducerID, x.Epoch = id, epoch
		}
		initialize := func() {
			p.c.Init(p, p.now, 1, &kafka.InitProducerIDRequest{Producing: kafka.Producing{Transactional: "a"}, Timeout: 5 * clock.Second})
			switch p.init.Err {
			case kafka.ErrNone:
				for _, x := range clients {
					x.fenced = true
				}
				x := &producer{Producing: kafka.Producing{Transactional: "a", EpochPerTransaction: clientVersion2}}
				give(x, p.init.ProducerID, p.init.Epoch)
				clients = append(clients, x)
			case kafka.ErrConcurrentTransactions:
			default:
				t.Fatalf("InitProducerId: %s", p.init.Err)
			}
		}
		initialize()
		p.c.txns[0].epoch = int16(rapid.IntRange(32760, lastEpoch).Draw(t, "epoch"))
		clients[0].Epoch = p.c.txns[0].epoch
		// timedOut: an abort of the coordinator has taken the epoch from the client.
		timedOut := func(x *producer) bool {
			tx := &p.c.txns[0]
			return tx.reason == "timeout" || tx.reason == "fenced" || x.fenced
		}
		t.Repeat(map[string]func(*rapid.T){
			"init": func(*rapid.T) { initialize() },
			"pass": func(t *rapid.T) {
				p.pass(rapid.SampledFrom([]clock.Duration{clock.Millisecond, 30 * clock.Second}).Draw(t, "time"))
			},
			"add": func(t *rapid.T) {
				x := rapid.SampledFrom(clients).Draw(t, "producer")
				err := p.c.Add(p, p.now, &x.Producing, []kafka.TopicPartition{{Topic: "t"}}, "")
				if x.fenced && err == kafka.ErrNone {
					t.Fatalf("a fenced producer, %d.%d, goes on", x.ProducerID, x.Epoch)
				}
				if !timedOut(x) && err != kafka.ErrNone && err != kafka.ErrConcurrentTransactions {
					t.Fatalf("the latest producer, %d.%d, is refused: %s", x.ProducerID, x.Epoch, err)
				}
			},
			"end": func(t *rapid.T) {
				x := rapid.SampledFrom(clients).Draw(t, "producer")
				before, commit := p.c.State("a"), rapid.Bool().Draw(t, "commit")
				late := timedOut(x)
				p.c.End(p, p.now, 2, &kafka.EndTxnRequest{Producing: x.Producing, Commit: commit})
				switch r := p.end; {
				case x.fenced && before == Ongoing && p.c.State("a") != Ongoing:
					t.Fatalf("a fenced producer, %d.%d, ends a transaction: %s", x.ProducerID, x.Epoch, r.Err)
				case x.fenced || r.Err != kafka.ErrNone || r.ProducerID < 0:
				case late && r.Epoch > lastEpoch: // brokers before 4.3 do give it, to whom they have cut off
					x.fenced = true
				default:
					if x.ProducerID != r.ProducerID || x.Epoch != r.Epoch {
						give(x, r.ProducerID, r.Epoch)
					}
				}
			},
			"": func(t *rapid.T) {
				if e := p.c.txns[0].epoch; e < 0 {
					t.Fatalf("the epoch has become %d", e)
				}
				p.c = p.c.Clone()
			},
		})
	})
}
