// Package clients has go-pagerduty, PagerDuty's client for Go, talk to the emulator at EMULATOR_URL.
package clients

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	pagerduty "github.com/PagerDuty/go-pagerduty"
)

const service = "PCHECKT"

var ctx = context.Background()

func client(t *testing.T) *pagerduty.Client {
	t.Helper()
	url := os.Getenv("EMULATOR_URL")
	if url == "" {
		t.Fatal("EMULATOR_URL has to be the emulator's address")
	}
	return pagerduty.NewClient("any-token", pagerduty.WithAPIEndpoint(url), pagerduty.WithV2EventsAPIEndpoint(url))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func apiError(t *testing.T, err error) pagerduty.APIError {
	t.Helper()
	var refused pagerduty.APIError
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no error of the API", err)
	}
	return refused
}

// control asks the emulator-only API for something.
func control(t *testing.T, method, path, body string) {
	t.Helper()
	request, err := http.NewRequest(method, os.Getenv("EMULATOR_URL")+"/emulator"+path, strings.NewReader(body))
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, response.Status)
	}
}

func TestVendors(t *testing.T) {
	c := client(t)
	seen := map[string]bool{}
	for offset := uint(0); ; {
		page, err := c.ListVendorsWithContext(ctx, pagerduty.ListVendorOptions{Limit: 100, Offset: offset, Total: true})
		must(t, err)
		for _, vendor := range page.Vendors {
			seen[vendor.ID] = true
		}
		offset += page.Limit
		if !page.More {
			if uint(len(seen)) != page.Total || len(seen) <= 400 {
				t.Fatalf("%d vendors seen of %d", len(seen), page.Total)
			}
			break
		}
	}
	vendor, err := c.GetVendorWithContext(ctx, "PZQ6AUS")
	must(t, err)
	if vendor.Name != "Amazon CloudWatch" || !seen[vendor.ID] {
		t.Fatalf("%+v", vendor)
	}
	_, err = c.GetVendorWithContext(ctx, "PNOSUCH")
	if !apiError(t, err).NotFound() {
		t.Fatal(err)
	}
}

func TestServices(t *testing.T) {
	c := client(t)
	policy, err := c.GetServiceWithContext(ctx, service, nil)
	must(t, err)
	timeout := uint(1800)
	made, err := c.CreateServiceWithContext(ctx, pagerduty.Service{
		Name:                   "By Go",
		EscalationPolicy:       pagerduty.EscalationPolicy{APIObject: policy.EscalationPolicy.APIObject},
		AcknowledgementTimeout: &timeout,
		AlertCreation:          "create_alerts_and_incidents",
	})
	must(t, err)
	made.Description = "Changed by Go"
	changed, err := c.UpdateServiceWithContext(ctx, *made)
	must(t, err)
	if changed.Description != made.Description || *changed.AcknowledgementTimeout != timeout {
		t.Fatalf("%+v", changed)
	}
	every, err := c.ListServicesPaginated(ctx, pagerduty.ListServiceOptions{Limit: 5})
	must(t, err)
	found, err := c.ListServicesWithContext(ctx, pagerduty.ListServiceOptions{Query: "by go", Includes: []string{"integrations"}})
	must(t, err)
	if len(every) != 13 || len(found.Services) != 1 || found.Services[0].ID != made.ID {
		t.Fatalf("%d services, found %+v", len(every), found.Services)
	}
	_, err = c.CreateServiceWithContext(ctx, pagerduty.Service{Name: "by go", EscalationPolicy: made.EscalationPolicy})
	if refused := apiError(t, err); refused.StatusCode != 400 || refused.APIError.ErrorObject.Errors[0] != "Name has already been taken" {
		t.Fatal(err)
	}
	must(t, c.DeleteServiceWithContext(ctx, made.ID))
	if _, err = c.GetServiceWithContext(ctx, made.ID, nil); !apiError(t, err).NotFound() {
		t.Fatal(err)
	}
}

func TestIntegrations(t *testing.T) {
	c := client(t)
	made, err := c.CreateIntegrationWithContext(ctx, service, pagerduty.Integration{
		APIObject: pagerduty.APIObject{Type: "generic_events_api_inbound_integration"},
		Name:      "CloudWatch",
		Vendor:    &pagerduty.APIObject{ID: "PZQ6AUS", Type: "vendor_reference"},
	})
	must(t, err)
	if len(made.IntegrationKey) != 32 || made.Type != "event_transformer_api_inbound_integration" {
		t.Fatalf("%+v", made)
	}
	regex := "^CRITICAL"
	mail, err := c.CreateIntegrationWithContext(ctx, service, pagerduty.Integration{
		APIObject:        pagerduty.APIObject{Type: "generic_email_inbound_integration"},
		Name:             "E-mail",
		IntegrationEmail: "go@acme.pagerduty.com",
		EmailFilterMode:  pagerduty.EmailFilterModeAnd,
		EmailFilters: []pagerduty.IntegrationEmailFilterRule{{
			SubjectMode: pagerduty.EmailFilterRuleModeMatch, SubjectRegex: &regex,
			BodyMode: pagerduty.EmailFilterRuleModeAlways, FromEmailMode: pagerduty.EmailFilterRuleModeAlways,
		}},
	})
	must(t, err)
	read, err := c.GetIntegrationWithContext(ctx, service, mail.ID, pagerduty.GetIntegrationOptions{})
	must(t, err)
	if read.EmailFilterMode != pagerduty.EmailFilterModeAnd || *read.EmailFilters[0].SubjectRegex != regex || read.IntegrationKey != "" {
		t.Fatalf("%+v", read)
	}
	// Its UpdateIntegration sends the integration without the object "integration" around it.
	if _, err = c.UpdateIntegrationWithContext(ctx, service, *read); apiError(t, err).StatusCode != 400 {
		t.Fatal(err)
	}
	must(t, c.DeleteIntegrationWithContext(ctx, service, mail.ID))
	_, err = c.GetIntegrationWithContext(ctx, service, mail.ID, pagerduty.GetIntegrationOptions{})
	if !apiError(t, err).NotFound() {
		t.Fatal(err)
	}
}

func TestUsersAndTeams(t *testing.T) {
	c := client(t)
	user, err := c.CreateUserWithContext(ctx, pagerduty.User{Name: "On-call", Email: "on-call@acme.example", Role: "user"})
	must(t, err)
	team, err := c.CreateTeamWithContext(ctx, &pagerduty.Team{Name: "Night shift by Go"})
	must(t, err)
	must(t, c.AddUserToTeamWithContext(ctx, pagerduty.AddUserToTeamOptions{TeamID: team.ID, UserID: user.ID, Role: pagerduty.TeamUserRoleResponder}))
	members, err := c.ListTeamMembersPaginated(ctx, team.ID)
	must(t, err)
	if len(members) != 1 || members[0].User.ID != user.ID || members[0].Role != "responder" {
		t.Fatalf("%+v", members)
	}
	users, err := c.ListUsersWithContext(ctx, pagerduty.ListUsersOptions{Query: "on-call@"})
	must(t, err)
	if len(users.Users) != 1 {
		t.Fatalf("%+v", users)
	}
	team.Description = "Changed by Go"
	changed, err := c.UpdateTeamWithContext(ctx, team.ID, team)
	must(t, err)
	if changed.Description != team.Description {
		t.Fatalf("%+v", changed)
	}
	must(t, c.RemoveUserFromTeamWithContext(ctx, team.ID, user.ID))
	must(t, c.DeleteTeamWithContext(ctx, team.ID))
	must(t, c.DeleteUserWithContext(ctx, user.ID))
	must(t, c.TestAbilityWithContext(ctx, "urgencies"))
}

func TestEscalationPolicies(t *testing.T) {
	c := client(t)
	made, err := c.CreateEscalationPolicyWithContext(ctx, pagerduty.EscalationPolicy{
		Name:     "By Go",
		NumLoops: 2,
		EscalationRules: []pagerduty.EscalationRule{
			{Delay: 15, Targets: []pagerduty.APIObject{{ID: "POWNER1", Type: "user_reference"}}},
		},
	})
	must(t, err)
	made.Description = "Changed by Go"
	changed, err := c.UpdateEscalationPolicyWithContext(ctx, made.ID, *made)
	must(t, err)
	read, err := c.GetEscalationPolicyWithContext(ctx, made.ID, &pagerduty.GetEscalationPolicyOptions{})
	must(t, err)
	rules := read.EscalationRules
	if changed.Description != made.Description || read.NumLoops != 2 || len(rules) != 1 || rules[0].Delay != 15 || rules[0].Targets[0].ID != "POWNER1" {
		t.Fatalf("%+v %+v", changed, read)
	}
	found, err := c.ListEscalationPoliciesWithContext(ctx, pagerduty.ListEscalationPoliciesOptions{Query: "by go"})
	must(t, err)
	if len(found.EscalationPolicies) != 1 {
		t.Fatalf("%+v", found)
	}
	used, err := c.GetServiceWithContext(ctx, service, nil)
	must(t, err)
	if err = c.DeleteEscalationPolicyWithContext(ctx, used.EscalationPolicy.ID); apiError(t, err).StatusCode != 400 {
		t.Fatal(err)
	}
	must(t, c.DeleteEscalationPolicyWithContext(ctx, made.ID))
	if _, err = c.GetEscalationPolicyWithContext(ctx, made.ID, &pagerduty.GetEscalationPolicyOptions{}); !apiError(t, err).NotFound() {
		t.Fatal(err)
	}
}

func TestEvents(t *testing.T) {
	c := client(t)
	made, err := c.CreateIntegrationWithContext(ctx, service, pagerduty.Integration{
		APIObject: pagerduty.APIObject{Type: "events_api_v2_inbound_integration"}, Name: "Events",
	})
	must(t, err)
	event := pagerduty.V2Event{
		RoutingKey: made.IntegrationKey, Action: "trigger", DedupKey: "disk",
		Payload: &pagerduty.V2Payload{Summary: "Disk is full", Source: "db1", Severity: "error"},
	}
	sent, err := c.ManageEventWithContext(ctx, &event)
	must(t, err)
	incidents, err := c.ListIncidentsWithContext(ctx, pagerduty.ListIncidentsOptions{ServiceIDs: []string{service}})
	must(t, err)
	if sent.DedupKey != "disk" || len(incidents.Incidents) != 1 || incidents.Incidents[0].Title != "Disk is full" {
		t.Fatalf("%+v %+v", sent, incidents.Incidents)
	}
	alerts, err := c.ListIncidentAlertsWithContext(ctx, incidents.Incidents[0].ID, pagerduty.ListIncidentAlertsOptions{})
	must(t, err)
	if len(alerts.Alerts) != 1 || alerts.Alerts[0].AlertKey != "disk" {
		t.Fatalf("%+v", alerts)
	}
	change, err := c.CreateChangeEventWithContext(ctx, pagerduty.ChangeEvent{
		RoutingKey: made.IntegrationKey, Payload: pagerduty.ChangeEventPayload{Summary: "Deployed"},
	})
	must(t, err)
	if change.Status != "success" {
		t.Fatalf("%+v", change)
	}
	// What is wrong with an event is lost: the client looks for an object "error", which Events APIs do not send.
	event.Payload.Severity = "bad"
	_, err = c.ManageEventWithContext(ctx, &event)
	if refused := apiError(t, err); refused.StatusCode != 400 || refused.APIError.Valid {
		t.Fatal(err)
	}
}

// It does not try again by itself, but tells that its caller may.
func TestRateLimits(t *testing.T) {
	c := client(t)
	control(t, "POST", "/faults", `{"kind": "rate_limit", "method": "GET", "path": "/vendors"}`)
	_, err := c.ListVendorsWithContext(ctx, pagerduty.ListVendorOptions{})
	refused := apiError(t, err)
	if !refused.RateLimited() || !refused.Temporary() || refused.APIError.ErrorObject.Code != 2020 {
		t.Fatal(err)
	}
	_, err = c.ListVendorsWithContext(ctx, pagerduty.ListVendorOptions{})
	must(t, err)
	control(t, "POST", "/faults", `{"kind": "rate_limit", "bare": true, "method": "GET", "path": "/vendors"}`)
	_, err = c.ListVendorsWithContext(ctx, pagerduty.ListVendorOptions{})
	if refused := apiError(t, err); !refused.RateLimited() || refused.APIError.Valid {
		t.Fatal(err)
	}
}

// The addresses that it has built in lead to the emulator by the proxy of the environment.
func TestFixedAddresses(t *testing.T) {
	c := pagerduty.NewClient("any-token")
	made, err := c.CreateIntegrationWithContext(ctx, service, pagerduty.Integration{
		APIObject: pagerduty.APIObject{Type: "events_api_v2_inbound_integration"}, Name: "Events",
	})
	must(t, err)
	if made.Self != "https://api.pagerduty.com/services/PCHECKT/integrations/"+made.ID {
		t.Fatal(made.Self)
	}
	sent, err := pagerduty.ManageEventWithContext(ctx, pagerduty.V2Event{
		RoutingKey: made.IntegrationKey, Action: "trigger", DedupKey: "disk",
		Payload: &pagerduty.V2Payload{Summary: "Disk is full", Source: "db1", Severity: "error"},
	})
	must(t, err)
	if sent.DedupKey != "disk" {
		t.Fatalf("%+v", sent)
	}
	if _, err = http.Get("https://example.com/"); err == nil || !strings.Contains(err.Error(), "a proxy for PagerDuty only") {
		t.Fatal(err)
	}
}
