"""What the parts of the contract are about, by their tag."""

from typing import Final

TAGS: Final = {
    "service": "Whether the service is there and what it is.",
    "me": "Who you are here and what waits for you.",
    "rules": "The rules themselves: working days, deadlines, policy and calendar.",
    "directory": "Services, teams, workers, auditor groups and who holds which role.",
    "catalogue": "Audit types, audit tools and judgement scales.",
    "subjects": "Children and carer households as the case systems name them.",
    "audits": "Audits, from planning to completion (§4.1).",
    "restorative-actions": "What must be put right, until somebody has seen that it was (§4.2).",
    "audit-responses": "The worker's response and the manager's review of it (§4.2).",
    "practice-audits": "Cases that were made up, judged for training against a standard.",
    "hand-overs": "Handing the open work of somebody who leaves or is away to others.",
    "notifications": "How the worker was told (§4.2).",
    "escalations": "Urgent findings and inadequate judgements (§4.3).",
    "planning": "Themes, quarter plans and who audits what under them (§4.4).",
    "closures": "Events of the case system and the gates before closure (§3).",
    "comments": "What people say to each other about an audit and what follows from it.",
    "moderation": "Samples of completed audits, their moderation and what is learnt (§4.5).",
    "observations": "Practice observations, how many are done, and what they taught (§4.6).",
    "records": "All that is held about a subject, to be read by them (§4.1).",
    "retention": "How long records are kept, legal holds, and the removal of content.",
    "looking": "Who read which records in a way that somebody should look into.",
    "board": "Figures, updates of the services and reports to the Board (§4.7).",
    "reporting": "Datasets for reporting tools: flat rows, in full and as changes.",
    "webhooks": "Where events are sent, and what became of each delivery.",
}
