from approval_world import ApprovalWorld


def test_first(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "buying", comment="Please")
    assert company.read("asset", asset)["status"] == "asked"
    task = company.task_of("cora", asset)
    done = company.act(task, "approve", "cora", {"comment": "Fine"})
    assert done["state"] == "approved"
    assert company.read("asset", asset)["status"] == "yes"
    print(run, company.trail(asset))
