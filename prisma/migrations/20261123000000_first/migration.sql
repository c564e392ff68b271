-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "alerts";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "chaos";

-- CreateTable
CREATE TABLE "alerts"."Slo" (
    "id" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "description" TEXT,
    "sli" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "objective" DOUBLE PRECISION NOT NULL,
    "windowDays" INTEGER NOT NULL,
    "automatic" BOOLEAN NOT NULL DEFAULT false,
    "definition" JSONB NOT NULL,
    "file" TEXT,
    "runbook" TEXT,
    "owner" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Slo_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts"."SloError" (
    "id" UUID NOT NULL,
    "file" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "message" TEXT NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SloError_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts"."SloState" (
    "sloId" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "detector" JSONB NOT NULL,
    "good" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "bad" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "lastEventAt" TIMESTAMPTZ(3),
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SloState_pkey" PRIMARY KEY ("sloId")
);

-- CreateTable
CREATE TABLE "alerts"."Watermark" (
    "id" TEXT NOT NULL,
    "arrivedAt" TIMESTAMPTZ(3) NOT NULL,
    "seen" JSONB NOT NULL,
    "counters" JSONB NOT NULL,

    CONSTRAINT "Watermark_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts"."Fault" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "state" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "sloId" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "impact" JSONB NOT NULL,
    "evidence" JSONB NOT NULL,
    "onsetAt" TIMESTAMPTZ(3) NOT NULL,
    "firstBadAt" TIMESTAMPTZ(3),
    "storedAt" TIMESTAMPTZ(3),
    "evaluatedAt" TIMESTAMPTZ(3),
    "pendingAt" TIMESTAMPTZ(3),
    "firingAt" TIMESTAMPTZ(3) NOT NULL,
    "sentAt" TIMESTAMPTZ(3),
    "acceptedAt" TIMESTAMPTZ(3),
    "acknowledgedAt" TIMESTAMPTZ(3),
    "acknowledgedBy" TEXT,
    "resolvedAt" TIMESTAMPTZ(3),
    "resolvedBy" TEXT,
    "resolveReason" TEXT,

    CONSTRAINT "Fault_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts"."Alert" (
    "id" UUID NOT NULL,
    "sloId" TEXT NOT NULL,
    "faultId" UUID,
    "state" TEXT NOT NULL,
    "explanation" TEXT NOT NULL,
    "onsetAt" TIMESTAMPTZ(3) NOT NULL,
    "pendingAt" TIMESTAMPTZ(3) NOT NULL,
    "firingAt" TIMESTAMPTZ(3),
    "resolvedAt" TIMESTAMPTZ(3),
    "good" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "bad" DOUBLE PRECISION NOT NULL DEFAULT 0,

    CONSTRAINT "Alert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts"."Transition" (
    "id" BIGSERIAL NOT NULL,
    "alertId" UUID NOT NULL,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Transition_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts"."Notification" (
    "id" UUID NOT NULL,
    "faultId" UUID NOT NULL,
    "receiver" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "idempotencyKey" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3) NOT NULL,
    "sentAt" TIMESTAMPTZ(3),
    "acceptedAt" TIMESTAMPTZ(3),
    "lastError" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Notification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts"."Page" (
    "idempotencyKey" TEXT NOT NULL,
    "faultId" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Page_pkey" PRIMARY KEY ("idempotencyKey")
);

-- CreateTable
CREATE TABLE "alerts"."AlertCommand" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "faultId" UUID NOT NULL,
    "author" TEXT NOT NULL,
    "reason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "handledAt" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "AlertCommand_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chaos"."Injection" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "ttlSeconds" INTEGER NOT NULL,
    "author" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "injectedAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "undoneAt" TIMESTAMPTZ(3),
    "endReason" TEXT,
    "drillId" UUID,

    CONSTRAINT "Injection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chaos"."Drill" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "verdict" TEXT,
    "reason" TEXT,
    "author" TEXT NOT NULL,
    "limitSeconds" INTEGER NOT NULL,
    "ttlSeconds" INTEGER NOT NULL,
    "detectionSeconds" DOUBLE PRECISION,
    "stages" JSONB NOT NULL,
    "page" JSONB,
    "progress" JSONB NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Drill_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chaos"."ChaosCommand" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "author" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "handledAt" TIMESTAMPTZ(3),
    "result" JSONB,
    "error" TEXT,

    CONSTRAINT "ChaosCommand_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chaos"."GlobalStop" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "pulledAt" TIMESTAMPTZ(3),
    "pulledBy" TEXT,
    "reason" TEXT,

    CONSTRAINT "GlobalStop_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Fault_number_key" ON "alerts"."Fault"("number");

-- CreateIndex
CREATE INDEX "Fault_state_idx" ON "alerts"."Fault"("state");

-- CreateIndex
CREATE INDEX "Fault_firingAt_idx" ON "alerts"."Fault"("firingAt");

-- CreateIndex
CREATE INDEX "Alert_state_idx" ON "alerts"."Alert"("state");

-- CreateIndex
CREATE INDEX "Alert_faultId_idx" ON "alerts"."Alert"("faultId");

-- CreateIndex
CREATE UNIQUE INDEX "Transition_alertId_from_to_key" ON "alerts"."Transition"("alertId", "from", "to");

-- CreateIndex
CREATE UNIQUE INDEX "Notification_idempotencyKey_key" ON "alerts"."Notification"("idempotencyKey");

-- CreateIndex
CREATE INDEX "Notification_state_nextAttemptAt_idx" ON "alerts"."Notification"("state", "nextAttemptAt");

-- CreateIndex
CREATE INDEX "Page_receivedAt_idx" ON "alerts"."Page"("receivedAt");

-- CreateIndex
CREATE INDEX "AlertCommand_handledAt_idx" ON "alerts"."AlertCommand"("handledAt");

-- CreateIndex
CREATE INDEX "Injection_state_idx" ON "chaos"."Injection"("state");

-- CreateIndex
CREATE INDEX "Drill_startedAt_idx" ON "chaos"."Drill"("startedAt");

-- CreateIndex
CREATE INDEX "ChaosCommand_handledAt_idx" ON "chaos"."ChaosCommand"("handledAt");

-- AddForeignKey
ALTER TABLE "alerts"."SloState" ADD CONSTRAINT "SloState_sloId_fkey" FOREIGN KEY ("sloId") REFERENCES "alerts"."Slo"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts"."Alert" ADD CONSTRAINT "Alert_sloId_fkey" FOREIGN KEY ("sloId") REFERENCES "alerts"."Slo"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts"."Alert" ADD CONSTRAINT "Alert_faultId_fkey" FOREIGN KEY ("faultId") REFERENCES "alerts"."Fault"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts"."Transition" ADD CONSTRAINT "Transition_alertId_fkey" FOREIGN KEY ("alertId") REFERENCES "alerts"."Alert"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts"."Notification" ADD CONSTRAINT "Notification_faultId_fkey" FOREIGN KEY ("faultId") REFERENCES "alerts"."Fault"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts"."AlertCommand" ADD CONSTRAINT "AlertCommand_faultId_fkey" FOREIGN KEY ("faultId") REFERENCES "alerts"."Fault"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chaos"."Injection" ADD CONSTRAINT "Injection_drillId_fkey" FOREIGN KEY ("drillId") REFERENCES "chaos"."Drill"("id") ON DELETE SET NULL ON UPDATE CASCADE;

