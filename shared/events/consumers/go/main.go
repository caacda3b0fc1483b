// Follows catalog.video.v1. The value is JSON; decode what you need of it.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

type videoEvent struct{ Video struct{ Reference, Location string } }

func take(record *kgo.Record) {
	if record.Value == nil {
		fmt.Println("forget", string(record.Key))
		return
	}
	attributes := map[string]string{}
	for _, header := range record.Headers {
		attributes[header.Key] = string(header.Value)
	}
	switch attributes["ce_type"] {
	case "newsreel.catalog.video.published.v1", "newsreel.catalog.video.revised.v1":
		var event videoEvent
		if err := json.Unmarshal(record.Value, &event); err != nil {
			fmt.Println("set aside", record.Partition, record.Offset, err) // it will not get better
			return
		}
		fmt.Println(attributes["ce_id"], string(record.Key), event.Video.Reference, event.Video.Location)
	case "newsreel.catalog.video.withheld.v1", "newsreel.catalog.video.withdrawn.v1":
		fmt.Println(attributes["ce_id"], string(record.Key), "show it no more")
	} // other types are not for us: a later version may bring some
}

func main() {
	user := scram.Auth{User: os.Getenv("KAFKA_USER"), Pass: os.Getenv("KAFKA_PASSWORD")}
	options := []kgo.Opt{
		kgo.SeedBrokers(os.Getenv("KAFKA_BOOTSTRAP")), kgo.SASL(user.AsSha512Mechanism()),
		kgo.ConsumerGroup(os.Getenv("KAFKA_GROUP")), kgo.ConsumeTopics("catalog.video.v1"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(),
	}
	if os.Getenv("KAFKA_PROTOCOL") != "SASL_PLAINTEXT" {
		options = append(options, kgo.DialTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12}))
	}
	client, err := kgo.NewClient(options...)
	for err == nil {
		fetches := client.PollFetches(context.Background())
		if err = fetches.Err(); err == nil {
			fetches.EachRecord(take)
			err = client.CommitUncommittedOffsets(context.Background()) // after the effects: at least once
		}
	}
	log.Fatal(err)
}
