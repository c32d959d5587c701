"""Drives a room's control server with xows, a client library for control systems that nobody here wrote.

Arguments: the port of HTTPS. Writes one line of JSON with what it saw.
"""
import asyncio
import json
import sys

import xows


async def error_of(call):
    try:
        await call
    except Exception as error:  # The kinds are what is looked at.
        return [type(error).__name__, str(error)]
    return None


async def main(port):
    url = f"wss://localhost:{port}/ws"
    seen = {}
    try:
        async with xows.XoWSClient(url, "admin", "wrong"):
            seen["refused"] = False
    except xows.AuthenticationFailure:
        seen["refused"] = True
    async with xows.XoWSClient(url, "admin", "secret") as client:
        seen["value"] = await client.xGet(["Status", "Audio", "Volume"])
        seen["set"] = await client.xSet(["Configuration", "Audio", "DefaultVolume"], 40)
        seen["setting"] = await client.xGet(["Configuration", "Audio", "DefaultVolume"])
        seen["errors"] = [
            await error_of(client.xGet(["Status", "Nothing"])),
            await error_of(client.xSet(["Configuration", "Audio", "DefaultVolume"], 400)),
            await error_of(client.xCommand(["Nothing"])),
        ]
        volumes = []
        done = asyncio.get_running_loop().create_future()

        async def heard(data, _):
            volumes.append(data["Status"]["Audio"]["Volume"])
            if len(volumes) == 1001:
                done.set_result(None)

        subscription = await client.subscribe(["Status", "Audio", "Volume"], heard, True)
        # The first value comes a moment after the answer.
        while not volumes:
            await asyncio.sleep(0.01)
        clock = asyncio.get_running_loop().time
        began = clock()
        set_volume = [client.xCommand(["Audio", "Volume", "Set"], Level=1 + n % 100) for n in range(1000)]
        answers = await asyncio.gather(*set_volume)
        await asyncio.wait_for(done, 10)
        seen["seconds"] = clock() - began
        seen["answers"] = sum(answer == {"status": "OK"} for answer in answers)
        seen["volumes"] = volumes
        seen["unsubscribed"] = await client.unsubscribe(subscription)
    print(json.dumps(seen), flush=True)


asyncio.run(main(sys.argv[1]))
