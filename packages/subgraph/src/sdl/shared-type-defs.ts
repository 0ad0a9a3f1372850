/** Types that several subgraphs answer with or take; `createSubgraph` adds those that a schema uses and does not define. */
export const sharedTypeDefs = `
type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }
type UserError @shareable { code: String! message: String! path: [String!] }
"Why something is as it is: a stable code and one sentence a person can act on."
type Reason @shareable { code: String! message: String! }
type DeletePayload @shareable { deletedId: ID userErrors: [UserError!]! }
"Exactly one of all, any, not, test."
input ConditionInput {
  all: [ConditionInput!]
  any: [ConditionInput!]
  not: ConditionInput
  test: ConditionTestInput
}
enum ConditionOp {
  EQUALS
  NOT_EQUALS
  IN
  NOT_IN
  CONTAINS
  NOT_CONTAINS
  IS_EMPTY
  IS_NOT_EMPTY
  GREATER_THAN
  LESS_THAN
  BEFORE
  AFTER
  WITHIN_LAST_DAYS
  CHANGED
  CHANGED_TO
  CHANGED_FROM
}
"\`path\`: lead.name, lead.status, lead.custom.<field id>, contact.…, opportunity.…, event.data.…, event.user. Status and user compare by id."
input ConditionTestInput {
  path: String!
  op: ConditionOp!
  value: JSON
}
enum TriggerEvent {
  LEAD_CREATED
  LEAD_UPDATED
  LEAD_STATUS_CHANGED
  CONTACT_CREATED
  CONTACT_UPDATED
  OPPORTUNITY_CREATED
  OPPORTUNITY_UPDATED
  OPPORTUNITY_STATUS_CHANGED
  OPPORTUNITY_VALUE_CHANGED
  OPPORTUNITY_STALLED
  CALL_COMPLETED
  EMAIL_RECEIVED
  SMS_RECEIVED
  MEETING_BOOKED
  MEETING_OUTCOME_SET
  FORM_SUBMITTED
  CUSTOM_ACTIVITY_PUBLISHED
  TASK_COMPLETED
}
enum StepKind {
  EMAIL
  SMS
  CALL
  ASSIGN_USER
  TASK
  CREATE_OPPORTUNITY
  UPDATE_LEAD
  UPDATE_OPPORTUNITY
}
`;
