// Runs in PagerDuty for each request to the integration's URL.
const deployment = PD.inputRequest.body;

if (deployment.status === "failed") {
    PD.emitGenericEvents([
        {
            event_type: PD.Trigger,
            incident_key: deployment.application,
            description: `Deployment of ${deployment.application} failed`,
            details: deployment,
        },
    ]);
}
