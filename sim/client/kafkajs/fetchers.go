package kafkajs

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// fetcher brings the batches of the partitions that one broker leads: it fetches,
// waits until the worker has done all of them, and fetches again (fetcher.js). A
// broker that leads nothing of ours has one too.
type fetcher struct {
	broker  int32
	step    fetchStep
	running bool
	wakes   clock.Time // sleeping: until when

	batches  int      // pushed, and not done by the worker
	rejected *failure // of the first of them that has failed
	listings int      // ListOffsets without an answer
	failed   *failure // of one of them
}

// fetchStep is what a fetcher waits for.
type fetchStep uint8

const (
	refreshing    fetchStep = iota // metadata that has expired
	rejoining                      // the group, for a topic has new partitions or leaders
	askingOffsets                  // OffsetFetch
	listing                        // ListOffsets
	fetching                       // Fetch
	sleeping                       // maxWaitTimeInMs, for it has no partitions
	resetting                      // the mark for an offset that is out of range
	beating                        // a heartbeat after a fetch without batches
	pushing                        // the worker
	ended
)

// fetcher is the one of that broker; nil when it is gone.
func (c *Consumer) fetcher(broker int32) *fetcher {
	i := slices.IndexFunc(c.fetchers, func(f fetcher) bool { return f.broker == broker })
	if i < 0 {
		return nil
	}
	return &c.fetchers[i]
}

// startFetchers makes one fetcher a broker (FetchManager.start).
func (c *Consumer) startFetchers(h client.Host, now clock.Time) {
	c.fetchers = nil
	for _, b := range c.cluster.brokers {
		c.fetchers = append(c.fetchers, fetcher{broker: b, running: true})
	}
	for i := 0; i < len(c.fetchers); i++ {
		c.fetch(h, now, &c.fetchers[i])
	}
}

// stopFetchers lets each end after what it does (FetchManager.stop).
func (c *Consumer) stopFetchers() {
	for i := range c.fetchers {
		c.fetchers[i].running = false
	}
}

// fetch is the next turn of a fetcher (Runner.fetch).
func (c *Consumer) fetch(h client.Host, now clock.Time, f *fetcher) {
	switch {
	case !f.running:
		c.fetcherEnds(h, now, f, nil)
	case c.otherBrokers():
		c.fetcherEnds(h, now, f, fetchersChanged)
	case now > c.cluster.expires:
		f.step = refreshing
		c.requestMetadataFor(h, now, task{taskFetcher, f.broker}, metadataExpired)
	default:
		c.checkAssignment(h, now, f)
	}
}

// otherBrokers tells whether the brokers are not those of the fetchers
// (validateShouldRebalance).
func (c *Consumer) otherBrokers() bool {
	return !slices.EqualFunc(c.fetchers, c.cluster.brokers, func(f fetcher, b int32) bool { return f.broker == b })
}

// fetcherLearned goes on with newer metadata: after a fetch that was refused the
// group is joined again (recoverFromFetch).
func (c *Consumer) fetcherLearned(h client.Host, now clock.Time, f *fetcher, why purpose, err *failure) {
	switch {
	case err != nil:
		c.fetcherEnds(h, now, f, err)
	case why == metadataStale:
		c.rejoinFrom(h, now, f)
	default:
		c.checkAssignment(h, now, f)
	}
}

// checkAssignment joins again when a topic has partitions that were not there at
// the latest sync (checkForStaleAssignment).
func (c *Consumer) checkAssignment(h client.Host, now clock.Time, f *fetcher) {
	for i, n := range c.cluster.counts(c.o.Topics) {
		if n > c.group.known[i] {
			h.Log("WARN", topicUpdatedText)
			c.rejoinFrom(h, now, f)
			return
		}
	}
	c.resolveOffsets(h, now, f)
}

// refreshAndRejoin asks for newer metadata, then joins again.
func (c *Consumer) refreshAndRejoin(h client.Host, now clock.Time, f *fetcher) {
	f.step = refreshing
	c.requestMetadataFor(h, now, task{taskFetcher, f.broker}, metadataStale)
}

// rejoinFrom joins the group from within a fetch.
func (c *Consumer) rejoinFrom(h client.Host, now clock.Time, f *fetcher) {
	f.step = rejoining
	c.joinAndSync(h, now, task{taskFetcher, f.broker})
}

// resolveOffsets asks where the partitions start of which that is not known
// (OffsetManager.resolveOffsets).
func (c *Consumer) resolveOffsets(h client.Host, now clock.Time, f *fetcher) {
	ask := c.offsets.unknown()
	if len(ask) == 0 {
		c.sendFetch(h, now, f)
		return
	}
	f.step = askingOffsets
	c.send(h, now, c.group.coordinator, request{api: apiOffsetFetch, task: task{taskFetcher, f.broker}, partitions: ask},
		&kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: ask})
}

// offsetsFetched takes the committed offsets, and asks the leaders for the start of
// partitions that have none.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse, err *failure) {
	f := c.fetcher(q.task.broker)
	if err == nil {
		err = c.refused(h, apiOffsetFetch, r.Err)
	}
	if err != nil {
		c.fetcherEnds(h, now, f, err)
		return
	}
	var none []kafka.TopicPartition
	for i, tp := range q.partitions {
		if r.Offsets[i] >= 0 {
			c.offsets.startAt(tp, r.Offsets[i])
		} else if c.cluster.leader(tp) >= 0 {
			none = append(none, tp)
		}
	}
	f.step, f.listings, f.failed = listing, 0, nil
	for _, b := range c.cluster.brokers {
		var led []kafka.TopicPartition
		for _, tp := range none {
			if c.cluster.leader(tp) == b {
				led = append(led, tp)
			}
		}
		if len(led) > 0 {
			f.listings++
			c.send(h, now, b, request{api: apiListOffsets, task: q.task, partitions: led}, &kafka.ListOffsetsRequest{Partitions: led, Latest: !c.s.fromBeginning})
		}
	}
	if f.listings == 0 {
		c.sendFetch(h, now, f)
	}
}

// offsetsListed takes the starts that a leader knows; the fetch follows the last
// answer.
func (c *Consumer) offsetsListed(h client.Host, now clock.Time, q request, r *kafka.ListOffsetsResponse, err *failure) {
	f := c.fetcher(q.task.broker)
	for i, tp := range q.partitions {
		if err == nil {
			err = c.refused(h, apiListOffsets, r.Err(i))
		}
		if err == nil {
			c.offsets.startAt(tp, r.Offsets[i])
		}
	}
	if f.failed == nil {
		f.failed = err
	}
	if f.listings--; f.listings > 0 {
		return
	}
	switch {
	case f.failed != nil && f.failed.staleMetadata():
		c.refreshAndRejoin(h, now, f)
	case f.failed != nil:
		c.fetcherEnds(h, now, f, f.failed)
	default:
		c.sendFetch(h, now, f)
	}
}

// sendFetch fetches what its broker leads, in an order that is drawn each time
// (Broker.fetch, shuffle); with nothing to fetch it sleeps as long as a fetch would
// wait.
func (c *Consumer) sendFetch(h client.Host, now clock.Time, f *fetcher) {
	var parts []kafka.FetchPartition
	var asked []kafka.TopicPartition
	for i := range c.offsets.parts {
		p := &c.offsets.parts[i]
		if p.committed >= 0 && c.cluster.leader(p.TopicPartition) == f.broker {
			parts = append(parts, kafka.FetchPartition{TopicPartition: p.TopicPartition, Offset: p.fetchOffset(), MaxBytes: c.s.fetchPartition})
		}
	}
	if len(parts) == 0 {
		f.step, f.wakes = sleeping, now+max(c.s.fetchWait, clock.Millisecond)
		c.armSleep(h, now)
		return
	}
	for i := len(parts) - 1; i > 0; i-- {
		j := h.Rand().Below(uint64(i + 1))
		parts[i], parts[j] = parts[j], parts[i]
	}
	for i := range parts {
		asked = append(asked, parts[i].TopicPartition)
	}
	f.step = fetching
	c.send(h, now, f.broker, request{api: apiFetch, task: task{taskFetcher, f.broker}, partitions: asked}, &kafka.FetchRequest{
		MaxWait:    c.s.fetchWait,
		MinBytes:   c.s.fetchMin,
		MaxBytes:   c.s.fetchMax,
		Partitions: parts,
	})
}

// wakeFetchers ends the sleep of those whose time has come.
func (c *Consumer) wakeFetchers(h client.Host, now clock.Time) {
	for i := 0; i < len(c.fetchers); i++ {
		if f := &c.fetchers[i]; f.step == sleeping && f.wakes <= now {
			c.fetchedNothing(h, now, f)
		}
	}
	c.armSleep(h, now)
}

// armSleep sets the timer for the first that wakes.
func (c *Consumer) armSleep(h client.Host, now clock.Time) {
	first := clock.Never
	for i := range c.fetchers {
		if f := &c.fetchers[i]; f.step == sleeping {
			first = min(first, f.wakes)
		}
	}
	if first < clock.Never {
		h.Arm(timerSleep, max(first, now))
	}
}

// fetched pushes the batches to the worker: one for each partition that was asked
// for, empty ones too.
func (c *Consumer) fetched(h client.Host, now clock.Time, q request, r *kafka.FetchResponse, err *failure) {
	f := c.fetcher(q.task.broker)
	if err == nil {
		if i := slices.IndexFunc(r.Partitions, func(x kafka.FetchedRange) bool { return x.Err != kafka.ErrNone }); i >= 0 {
			c.recoverFetch(h, now, f, r.Partitions[i].TopicPartition, c.refused(h, apiFetch, r.Partitions[i].Err))
			return
		}
	}
	switch {
	case err != nil && err.name == nameConnectionClosed:
		c.cluster.expires = clock.Time(-1) // the broker is forgotten until there is newer metadata
		c.fetchedNothing(h, now, f)
	case err != nil && err.name == nameConnection:
		c.cluster.expires = clock.Time(-1)
		c.fetcherEnds(h, now, f, err)
	case err != nil:
		c.fetcherEnds(h, now, f, err)
	case !f.running:
		c.fetcherEnds(h, now, f, nil)
	default:
		f.step, f.batches, f.rejected = pushing, len(q.partitions), nil
		for _, tp := range q.partitions {
			b := batch{TopicPartition: tp, fetcher: f.broker}
			for _, x := range r.Partitions {
				if x.TopicPartition == tp {
					b.records = append(b.records, client.Range{TopicPartition: tp, From: x.From, To: x.To, Size: x.Size})
				}
			}
			c.worker.queue = append(c.worker.queue, b)
		}
	}
}

// recoverFetch does what mends a fetch that one partition has spoilt
// (recoverFromFetch).
func (c *Consumer) recoverFetch(h client.Host, now clock.Time, f *fetcher, tp kafka.TopicPartition, err *failure) {
	switch {
	case err.staleMetadata():
		c.refreshAndRejoin(h, now, f)
	case err.code == kafka.ErrOffsetOutOfRange:
		h.Log("ERROR", outOfRangeText)
		f.step = resetting
		mark := int64(markLatest)
		if c.s.fromBeginning {
			mark = markEarliest
		}
		c.sendCommit(h, now, request{task: task{taskFetcher, f.broker}, purpose: commitReset, offsets: []kafka.OffsetCommit{{TopicPartition: tp, Offset: mark}}})
	default:
		c.fetcherEnds(h, now, f, err)
	}
}

// The offsets that setDefaultOffset commits: ListOffsets' words for the end and the
// beginning of a log.
const (
	markLatest   = -1
	markEarliest = -2
)

// fetchedNothing is a fetch without batches: a heartbeat follows at once.
func (c *Consumer) fetchedNothing(h client.Host, now clock.Time, f *fetcher) {
	f.step = beating
	if c.heartbeat(h, now, task{taskFetcher, f.broker}) {
		c.fetch(h, now, f)
	}
}

// fetcherResumed goes on after a join, a mark or a heartbeat.
func (c *Consumer) fetcherResumed(h client.Host, now clock.Time, f *fetcher, err *failure) {
	switch {
	case f == nil:
	case err != nil:
		c.fetcherEnds(h, now, f, err)
	case f.step == beating:
		c.fetch(h, now, f)
	default:
		c.fetchedNothing(h, now, f)
	}
}

// batchSettled is the end of one of a fetcher's batches; after the last it goes on,
// or ends with the failure of the first that has failed (workerQueue.push).
func (c *Consumer) batchSettled(h client.Host, now clock.Time, f *fetcher, err *failure) {
	if err != nil && f.rejected == nil {
		f.rejected = err
	}
	if f.batches--; f.batches > 0 {
		return
	}
	if f.rejected != nil {
		c.fetcherEnds(h, now, f, f.rejected)
		return
	}
	c.fetch(h, now, f)
}

// fetcherEnds ends a fetcher. The first failure stops the others; the runner goes
// on when all have ended.
func (c *Consumer) fetcherEnds(h client.Host, now clock.Time, f *fetcher, err *failure) {
	f.step, f.running = ended, false
	if err != nil && c.runner.failure == nil {
		c.runner.failure = err
		c.stopFetchers()
	}
	if slices.ContainsFunc(c.fetchers, func(f fetcher) bool { return f.step != ended }) {
		return
	}
	c.fetchers = nil
	c.fetchingEnds(h, now)
}
