import com.github.dikhan.pagerduty.client.events.PagerDutyEventsClient;
import com.github.dikhan.pagerduty.client.events.domain.AcknowledgeIncident;
import com.github.dikhan.pagerduty.client.events.domain.ChangeEvent;
import com.github.dikhan.pagerduty.client.events.domain.ChangeEventPayload;
import com.github.dikhan.pagerduty.client.events.domain.EventResult;
import com.github.dikhan.pagerduty.client.events.domain.Payload;
import com.github.dikhan.pagerduty.client.events.domain.ResolveIncident;
import com.github.dikhan.pagerduty.client.events.domain.Severity;
import com.github.dikhan.pagerduty.client.events.domain.TriggerIncident;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** pagerduty-client, with the addresses that it has built in and its own option for a proxy; and the JDK's client. */
class Client {
    public static void main(String[] arguments) throws Exception {
        String key = arguments[0];
        int port = Integer.getInteger("https.proxyPort");
        PagerDutyEventsClient client = PagerDutyEventsClient.create("127.0.0.1", port);

        Payload payload = Payload.Builder.newBuilder()
                .setSummary("Disk full").setSource("db1").setSeverity(Severity.CRITICAL).build();
        TriggerIncident trigger = TriggerIncident.TriggerIncidentBuilder
                .newBuilder(key, payload).setDedupKey("disk").build();
        expect(EventResult.successEvent("success", "Event processed", "disk"), client.trigger(trigger));
        AcknowledgeIncident acknowledge = AcknowledgeIncident.AcknowledgeIncidentBuilder.newBuilder(key, "disk").build();
        expect(EventResult.successEvent("success", "Event processed", "disk"), client.acknowledge(acknowledge));
        ResolveIncident resolve = ResolveIncident.ResolveIncidentBuilder.newBuilder(key, "disk").build();
        expect(EventResult.successEvent("success", "Event processed", "disk"), client.resolve(resolve));
        ChangeEventPayload deployed = ChangeEventPayload.Builder.newBuilder().setSummary("Deployed").build();
        ChangeEvent change = ChangeEvent.ChangeEventBuilder.newBuilder(key, deployed).build();
        expect("success", client.trackChange(change).getStatus());
        TriggerIncident refused = TriggerIncident.TriggerIncidentBuilder.newBuilder("too-short", payload).build();
        expect("invalid event", client.trigger(refused).getStatus());

        HttpRequest request = HttpRequest.newBuilder(URI.create("https://api.pagerduty.com/services/PCHECKT"))
                .header("Authorization", "Token token=any-token").build();
        expect(200, HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode());
    }

    static void expect(Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError("expected " + expected + ", got " + actual);
        }
    }
}
