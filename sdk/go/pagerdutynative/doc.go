// PagerDuty inbound integrations as Pulumi resources, with their keys kept secret.
package pagerdutynative
