import { penaltyTests } from "../../../support/penalties.ts";

penaltyTests("l1", Math.abs, Math.sign);
