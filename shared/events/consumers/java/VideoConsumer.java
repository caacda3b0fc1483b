import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Follows catalog.video.v1; needs kafka-clients only. The value is JSON: give it to the library you like. */
public final class VideoConsumer {
    private static final String VIDEO = "newsreel.catalog.video.";

    public static void main(String[] arguments) {
        try (var consumer = new KafkaConsumer<>(settings(), new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("catalog.video.v1"));
            while (true) {
                consumer.poll(Duration.ofSeconds(1)).forEach(VideoConsumer::take);
                consumer.commitSync(); // after the effects: at least once
            }
        }
    }

    private static void take(ConsumerRecord<String, String> event) {
        if (event.value() == null) {
            System.out.println("forget " + event.key());
            return;
        }
        switch (header(event, "ce_type")) {
            case VIDEO + "published.v1", VIDEO + "revised.v1" ->
                System.out.println(header(event, "ce_id") + " " + event.key() + " " + event.value());
            case VIDEO + "withheld.v1", VIDEO + "withdrawn.v1" ->
                System.out.println(header(event, "ce_id") + " " + event.key() + " show it no more");
            default -> { } // a type that this consumer does not know: a later version may bring some
        }
    }

    private static String header(ConsumerRecord<?, ?> event, String name) {
        Header found = event.headers().lastHeader(name);
        return found == null || found.value() == null ? "" : new String(found.value(), StandardCharsets.UTF_8);
    }

    private static Map<String, Object> settings() {
        Map<String, String> environment = System.getenv();
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", environment.get("KAFKA_BOOTSTRAP"));
        settings.put("group.id", environment.get("KAFKA_GROUP"));
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.put("security.protocol", environment.getOrDefault("KAFKA_PROTOCOL", "SASL_SSL"));
        settings.put("sasl.mechanism", "SCRAM-SHA-512");
        settings.put("sasl.jaas.config", String.format(
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";",
            environment.get("KAFKA_USER"), environment.get("KAFKA_PASSWORD")));
        return settings;
    }
}
