/**
 * What a resource's own references say of its persons no longer stands in `compartment` too (record/about.ts): a row and
 * two index entries of nearly every resource. What remains there are persons that references do not tell.
 */
export const name = "0020-about";

/** The references of R4's Patient compartment, under the parameters that have their rows, of the types whose persons they all tell. */
const told = `Account.patient AdverseEvent.subject AllergyIntolerance.asserter AllergyIntolerance.patient AllergyIntolerance.recorder Appointment.patient AppointmentResponse.patient
  BodyStructure.patient CarePlan.patient CarePlan.performer CareTeam.participant CareTeam.patient ChargeItem.patient Claim.patient Claim.payee ClaimResponse.patient
  ClinicalImpression.patient Communication.patient Communication.recipient Communication.sender CommunicationRequest.patient CommunicationRequest.recipient
  CommunicationRequest.requester CommunicationRequest.sender Composition.attester Composition.author Composition.patient Condition.asserter Condition.patient Consent.patient
  Coverage.beneficiary Coverage.payor Coverage.policy-holder Coverage.subscriber CoverageEligibilityRequest.patient CoverageEligibilityResponse.patient DeviceRequest.patient
  DeviceRequest.performer DeviceUseStatement.patient DiagnosticReport.patient DocumentManifest.author DocumentManifest.patient DocumentManifest.recipient DocumentReference.author
  DocumentReference.patient Encounter.patient EnrollmentRequest.patient EpisodeOfCare.patient ExplanationOfBenefit.patient ExplanationOfBenefit.payee FamilyMemberHistory.patient
  Flag.patient Goal.patient Group.member ImagingStudy.patient Immunization.patient ImmunizationEvaluation.patient ImmunizationRecommendation.patient Invoice.patient Invoice.recipient
  MeasureReport.patient Media.patient MedicationAdministration.patient MedicationAdministration.performer MedicationDispense.patient MedicationDispense.receiver
  MedicationRequest.patient MedicationStatement.patient MolecularSequence.patient NutritionOrder.patient Observation.patient Observation.performer Person.patient Procedure.patient
  Procedure.performer QuestionnaireResponse.author QuestionnaireResponse.patient RelatedPerson.patient RequestGroup.participant RequestGroup.patient ResearchSubject.individual
  RiskAssessment.patient Schedule.actor ServiceRequest.patient ServiceRequest.performer Specimen.patient SupplyDelivery.patient SupplyRequest.subject VisionPrescription.patient`;

/** Keys are the first 32 bits of a name's SHA-256. */
const keys = `select ('x' || left(encode(sha256(convert_to(n, 'UTF8')), 'hex'), 8))::bit(32)::int from regexp_split_to_table('${told}', '\\s+') n`;

export const statements: readonly string[] = [
  `delete from compartment c using reference f where f.ck = c.ck and f.rid = c.rid and f.target = c.person and f.param in (${keys})`,
];
