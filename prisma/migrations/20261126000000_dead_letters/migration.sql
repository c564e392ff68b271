-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "bus";

-- CreateTable
CREATE TABLE "bus"."DeadLetter" (
    "queue" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "diedAt" TIMESTAMPTZ(3) NOT NULL,
    "event" TEXT NOT NULL,

    CONSTRAINT "DeadLetter_pkey" PRIMARY KEY ("queue","id")
);

-- CreateTable
CREATE TABLE "bus"."ReplayCommand" (
    "id" UUID NOT NULL,
    "queue" TEXT NOT NULL,
    "letterId" TEXT,
    "author" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "handledAt" TIMESTAMPTZ(3),
    "replayed" INTEGER,
    "error" TEXT,

    CONSTRAINT "ReplayCommand_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bus"."BusReading" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "readAt" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "BusReading_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "DeadLetter_queue_diedAt_idx" ON "bus"."DeadLetter"("queue", "diedAt");

-- CreateIndex
CREATE INDEX "ReplayCommand_handledAt_idx" ON "bus"."ReplayCommand"("handledAt");
