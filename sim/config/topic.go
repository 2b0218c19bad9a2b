package config

import (
	"fmt"
	"strconv"

	"ksim/sim/kafka"
)

// topic is org.apache.kafka.storage.internals.log.LogConfig. Its defaults are
// the broker's own; a broker's configuration for all topics is not seen here.
var topic = indexed(catalogue{
	software: "a topic",
	rows:     topicProperties,
	parse:    parseJava,
	unknown: func(_ kafka.Version, g Property) string {
		return "Unknown topic config name: " + g.Key
	},
	rules: []func(*resolution){topicCompactionLag},
})

var compressions = []string{"uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"}

var topicProperties = []property{
	{name: "cleanup.policy", kind: list, def: "delete", oneOf: []string{"compact", "delete"},
		doc: "What happens to old segments: delete, compact or both."},
	{name: "compression.type", kind: text, def: "producer", oneOf: compressions,
		doc: "Compression of the log; producer keeps what the producer chose."},
	{name: "compression.gzip.level", kind: integer, def: "-1", check: gzipLevel, since: kafka.V(3, 8, 0),
		doc: "Level of gzip compression."},
	{name: "compression.lz4.level", kind: integer, def: "9", min: "1", max: "17", since: kafka.V(3, 8, 0),
		doc: "Level of lz4 compression."},
	{name: "compression.zstd.level", kind: integer, def: "3", min: "-131072", max: "22", since: kafka.V(3, 8, 0),
		doc: "Level of zstd compression."},
	{name: "delete.retention.ms", kind: long, def: "86400000", min: "0",
		doc: "Milliseconds for which tombstones of a compacted topic are kept."},
	{name: "file.delete.delay.ms", kind: long, def: "60000", min: "0",
		doc: "Milliseconds before a deleted segment's file is removed."},
	{name: "flush.messages", kind: long, def: "9223372036854775807", min: "1", since: kafka.V(2, 0, 0),
		doc: "Records after which the log is flushed to disk."},
	{name: "flush.messages", kind: long, def: "9223372036854775807", min: "0", until: kafka.V(2, 0, 0),
		doc: "Records after which the log is flushed to disk."},
	{name: "flush.ms", kind: long, def: "9223372036854775807", min: "0",
		doc: "Milliseconds after which the log is flushed to disk."},
	{name: "follower.replication.throttled.replicas", kind: list, since: kafka.V(0, 10, 1),
		doc: "Replicas whose replication is throttled at the follower."},
	{name: "leader.replication.throttled.replicas", kind: list, since: kafka.V(0, 10, 1),
		doc: "Replicas whose replication is throttled at the leader."},
	{name: "index.interval.bytes", kind: integer, def: "4096", min: "0", doc: "Bytes of log between entries of the offset index."},
	{name: "local.retention.bytes", kind: long, def: "-2", min: "-2", since: kafka.V(3, 0, 0),
		doc: "Bytes of tiered log kept on the broker; -2 is retention.bytes."},
	{name: "local.retention.ms", kind: long, def: "-2", min: "-2", since: kafka.V(3, 0, 0),
		doc: "Milliseconds for which tiered log is kept on the broker; -2 is retention.ms."},
	{name: "max.compaction.lag.ms", kind: long, def: "9223372036854775807", min: "1", since: kafka.V(2, 3, 0),
		doc: "Milliseconds for which a record may stay uncompacted at most."},
	{name: "min.compaction.lag.ms", kind: long, def: "0", min: "0", since: kafka.V(0, 10, 1),
		doc: "Milliseconds for which a record stays uncompacted at least."},
	{name: "max.message.bytes", kind: integer, def: "1048588", min: "0", was: []formerly{{kafka.V(2, 4, 0), "1000012"}},
		doc: "Bytes of the largest batch of records."},
	{name: "message.downconversion.enable", kind: boolean, def: "true", since: kafka.V(2, 0, 0), until: kafka.V(4, 0, 0),
		doc: "Whether records are converted for old consumers."},
	{name: "message.format.version", kind: text, def: "3.0-IV1", since: kafka.V(0, 10, 0), until: kafka.V(4, 0, 0),
		doc: "Version of the record format."},
	{name: "message.timestamp.type", kind: text, def: "CreateTime", oneOf: []string{"CreateTime", "LogAppendTime"}, since: kafka.V(0, 10, 0),
		doc: "Whether a record's time is the producer's or the broker's."},
	{name: "message.timestamp.difference.max.ms", kind: long, def: "9223372036854775807", min: "0", since: kafka.V(0, 10, 0), until: kafka.V(4, 0, 0),
		doc: "Milliseconds by which producer's and broker's time may differ."},
	{name: "message.timestamp.after.max.ms", kind: long, def: "3600000", min: "0", was: []formerly{{kafka.V(4, 0, 0), "9223372036854775807"}}, since: kafka.V(3, 6, 0),
		doc: "Milliseconds by which a record's time may be ahead of the broker's."},
	{name: "message.timestamp.before.max.ms", kind: long, def: "9223372036854775807", min: "0", since: kafka.V(3, 6, 0),
		doc: "Milliseconds by which a record's time may be behind the broker's."},
	{name: "min.cleanable.dirty.ratio", kind: double, def: "0.5", min: "0", max: "1",
		doc: "Share of a log that must be uncompacted before it is compacted."},
	{name: "min.insync.replicas", kind: integer, def: "1", min: "1",
		doc: "In-sync replicas that a produce request with acks=all needs."},
	{name: "preallocate", kind: boolean, def: "false", doc: "Whether segments' files are made in full size."},
	{name: "remote.storage.enable", kind: boolean, def: "false", since: kafka.V(3, 0, 0), doc: "Whether the topic is tiered."},
	{name: "remote.log.copy.disable", kind: boolean, def: "false", since: kafka.V(3, 9, 0),
		doc: "Whether tiered data is read only."},
	{name: "remote.log.delete.on.disable", kind: boolean, def: "false", since: kafka.V(3, 9, 0),
		doc: "Whether tiered data is deleted when tiering is disabled."},
	{name: "retention.bytes", kind: long, def: "-1", doc: "Bytes of a partition's log that are kept; -1 is no limit."},
	{name: "retention.ms", kind: long, def: "604800000", min: "-1",
		doc: "Milliseconds for which records are kept; -1 is no limit."},
	{name: "segment.bytes", kind: integer, def: "1073741824", min: "1048576", since: kafka.V(4, 0, 0), doc: "Bytes of a segment."},
	{name: "segment.bytes", kind: integer, def: "1073741824", min: "14", until: kafka.V(4, 0, 0), doc: "Bytes of a segment."},
	{name: "internal.segment.bytes", kind: integer, since: kafka.V(4, 1, 0),
		doc: "Bytes of a segment without the lower bound, for tests; internal."},
	{name: "segment.index.bytes", kind: integer, def: "10485760", min: "4", doc: "Bytes of a segment's index."},
	{name: "segment.jitter.ms", kind: long, def: "0", min: "0", doc: "Milliseconds that are drawn from segment.ms at most."},
	{name: "segment.ms", kind: long, def: "604800000", min: "1", doc: "Milliseconds after which a new segment is begun."},
	{name: "unclean.leader.election.enable", kind: boolean, def: "false", was: []formerly{{kafka.V(0, 11, 0), "true"}},
		doc: "Whether a replica that is not in sync may become leader."},
}

// gzipLevel is org.apache.kafka.common.compress.GzipCompression's validator.
func gzipLevel(value string) string {
	if level, _ := strconv.Atoi(value); level == -1 || level >= 1 && level <= 9 {
		return ""
	}
	return "Value must be between 1 and 9 or equal to -1"
}

// topicCompactionLag is LogConfig.validateValues.
func topicCompactionLag(r *resolution) {
	least, most := r.Int("min.compaction.lag.ms"), r.Int("max.compaction.lag.ms")
	if most != 0 && least > most {
		r.refuse(fmt.Sprintf("conflict topic config setting min.compaction.lag.ms (%d) > max.compaction.lag.ms (%d)", least, most), "",
			"min.compaction.lag.ms", "max.compaction.lag.ms")
	}
}
