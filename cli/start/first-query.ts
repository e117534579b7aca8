import { STAR_PERSON } from '../../demo/county/star.ts';

/** README's first query: one person of the made-up county with what all four departments hold. */
export const FIRST_QUERY = `query OnePerson {
  personByCitizenId(number: "${STAR_PERSON.citizenId}") {
    name
    courtCases { nodes { caseNumber cause stage court { name } } freshness { status asOf } }
    policeIncidents { nodes { incidentNumber kind occurredAt } freshness { status asOf } }
    petitions { nodes { petitionNumber subject stage } freshness { status asOf } }
    civilAffairs { marriages { kind from status counterpart { name } } freshness { status asOf } }
    disputes { nodes { number title stage parties { name role } records { source kind } } }
  }
}
`;
